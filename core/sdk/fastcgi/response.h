// response.h - an answer on its way from a backend to the client: the head is read, the body is handed on as views
// into the buffers that it was read into, and what the client has not taken yet is kept, up to a bound. Loop
// thread only.
#pragma once
#include <string>
#include <string_view>

#include "sdk/fastcgi/records.h"
#include "sdk/fastcgi/services.h"
#include "sdk/gateway/gateway.h"
#include "sdk/gateway/relay.h"

namespace turnpike::fastcgi {

using gateway::Buffer;
using gateway::BufferPool;

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
    Buffer& room(BufferPool& buffers) { return relay_.room(buffers); }
    /// The client holds up so much that reading must pause.
    bool isFull() const { return relay_.isFull(); }
    /// A piece of STDOUT inside room()'s buffer. False: the head is bad, see reason(). Interim heads go on at
    /// once, unless this program `sends_interims` never.
    bool take(const tp_host& host, tp_request* request, std::string_view data, bool sends_interims);
    /// END_REQUEST came: nothing follows.
    void end() { relay_.end(); }
    /// Sends what can be sent. Bad and Redirect only while nothing was started.
    Outcome deliver(const tp_host& host, tp_request* request, bool is_head_request, BufferPool& buffers);
    /// on_writable(): the host is done with what it was given last.
    void taken(BufferPool& buffers) { relay_.taken(buffers); }

    /// Not one byte of STDOUT came.
    bool isUntouched() const { return !isBegun() && head_.interims() == 0; }
    /// Some of it came that is no interim head.
    bool isBegun() const { return head_.size() > 0; }
    /// The client has not taken what it was sent last.
    bool isWaiting() const { return relay_.isWaiting(); }
    /// Its head is here, and good.
    bool hasHead() const { return head_.state() == gateway::ResponseHead::State::Complete; }
    bool isStarted() const { return is_started_; }
    const std::string& reason() const { return reason_; }
    std::string_view redirectTarget() const { return head_.localRedirect(); }

 private:
    bool takeHead(const tp_host& host, tp_request* request, std::string_view& data, bool sends_interims);
    Outcome start(const tp_host& host, tp_request* request, bool is_head_request);
    int64_t length(bool is_head_request) const;

    gateway::ResponseHead head_;
    std::string reason_;
    gateway::Relay relay_;
    bool is_started_ = false;
};

}  // namespace turnpike::fastcgi
