// relay.h - an answer's body on its way from a backend to the client: handed on as views into the buffers that it
// was read into; what the client has not taken yet is kept, up to a bound. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sdk/gateway/buffer.h"
#include "sdk/plugin.hpp"

namespace turnpike::gateway {

class Relay {
 public:
    /// What send() found.
    enum class Outcome : uint8_t {
        More,      // all that there was is with the client: read on
        Waiting,   // the client is slow, on_writable() will come; read on unless isFull()
        Complete,  // the last byte is the host's
        Gone,      // the client left
    };

    /// So many bytes of one answer at most wait for the client.
    static constexpr uint64_t kMostHeld = uint64_t{256} * 1024;

    /// Ready for the next request; all memory goes back.
    void reset(BufferPool& buffers);
    /// Where the next bytes from the backend go; the tail of a buffer that is held, or a fresh one.
    Buffer& room(BufferPool& buffers);
    /// The client holds up so much that reading must pause.
    bool isFull() const {
        return is_waiting_ && held_.size() >= kHeldBuffers && held_.back()->room() < kLeastRoom;
    }
    /// A piece of the body inside room()'s buffer, behind those that were added before.
    void add(std::string_view data);
    /// Nothing follows.
    void end() { has_ended_ = true; }
    bool hasEnded() const { return has_ended_; }
    /// Gives what there is to the host. After tp_host.start().
    Outcome send(const tp_host& host, tp_request* request, BufferPool& buffers);
    /// The host was given something beside it, and makes us wait.
    void wait() { is_waiting_ = true; }
    /// on_writable(): the host is done with what it was given last.
    void taken(BufferPool& buffers);
    /// The client has not taken what it was sent last.
    bool isWaiting() const { return is_waiting_; }
    bool isComplete() const { return last_sent_ && !is_waiting_; }
    /// Bytes that were not given to the host.
    size_t size() const;
    /// What is held need not be kept: none of it is a piece of the body.
    void forget(BufferPool& buffers);

 private:
    static constexpr size_t kHeldBuffers = kMostHeld / Buffer::kSize;
    static constexpr size_t kLeastRoom = 16384;
    // Pieces up to this size are moved together: a backend of many tiny records does not make many tiny parts.
    static constexpr size_t kSmallPiece = 512;

    void releaseAll(BufferPool& buffers);

    std::vector<std::unique_ptr<Buffer>> held_;
    std::vector<tp_str> parts_,
        in_flight_;  // views into held_: not sent yet; given to the host, which made us wait
    bool has_ended_ = false, last_sent_ = false, is_waiting_ = false;
};

}  // namespace turnpike::gateway
