// response.h - an answer on its way from a backend to the client: the head is read, the body is handed on as views
// into the buffers that it was read into, and what the client has not taken yet is kept, up to a bound. Loop
// thread only.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/fastcgi/buffer.h"
#include "sdk/fastcgi/records.h"
#include "sdk/fastcgi/services.h"
#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

class Response {
 public:
    /// What deliver() found.
    enum class Outcome : uint8_t {
        More,      // all that there was is with the client: read on
        Waiting,   // the client is slow, on_writable() will come; read on unless isFull()
        Complete,  // the last byte is the host's
        Redirect,  // a local redirect: redirectTarget()
        Gone,      // the client left
        Bad,       // the backend's answer is unusable, see reason()
    };

    /// Ready for the next request; all memory goes back.
    void reset(BufferPool& buffers);

    /// Where the next bytes from the backend go; the tail of a buffer that is held, or a fresh one.
    Buffer& room(BufferPool& buffers);
    /// The client holds up so much that reading must pause.
    bool isFull() const {
        return is_waiting_ && held_.size() >= kHeldBuffers && held_.back()->room() < kLeastRoom;
    }
    /// A piece of STDOUT inside room()'s buffer. False: the head is bad, see reason().
    bool take(std::string_view data);
    /// END_REQUEST came: nothing follows.
    void end() { has_ended_ = true; }
    /// Sends what can be sent. Bad and Redirect only while nothing was started.
    Outcome deliver(const tp_host& host, tp_request* request, bool is_head_request, BufferPool& buffers);
    /// on_writable(): the host is done with what it was given last.
    void taken(BufferPool& buffers);

    /// Not one byte of STDOUT came.
    bool isUntouched() const { return head_.size() == 0; }
    /// The client has not taken what it was sent last.
    bool isWaiting() const { return is_waiting_; }
    /// Its head is here, and good.
    bool hasHead() const { return head_.state() == gateway::ResponseHead::State::Complete; }
    bool isStarted() const { return is_started_; }
    const std::string& reason() const { return reason_; }
    std::string_view redirectTarget() const { return head_.localRedirect(); }

 private:
    // 256 KiB of one answer at most wait for the client.
    static constexpr size_t kHeldBuffers = 4;
    static constexpr size_t kLeastRoom = 16384;
    // Pieces up to this size are moved together: a backend of many tiny records does not make many tiny parts.
    static constexpr size_t kSmallPiece = 512;

    Outcome start(const tp_host& host, tp_request* request, bool is_head_request);
    int64_t length(bool is_head_request) const;
    void addPart(std::string_view data);
    void releaseAll(BufferPool& buffers);

    gateway::ResponseHead head_;
    std::string reason_;
    std::vector<std::unique_ptr<Buffer>> held_;
    std::vector<tp_str> parts_,
        in_flight_;  // views into held_: not sent yet; given to the host, which made us wait
    bool is_started_ = false, has_ended_ = false, last_sent_ = false, is_waiting_ = false;
};

}  // namespace turnpike::fastcgi
