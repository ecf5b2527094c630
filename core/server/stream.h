// stream.h - the seam between a protocol and the request pipeline. A protocol (HTTP/1.1 here, HTTP/2 later) gives
// each request a Stream to answer on; the pipeline (Exchange) tells the protocol nothing else. One loop thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sdk/plugin.h"
#include "server/pipes.h"

namespace turnpike::net {
struct TlsSession;
}

namespace turnpike::server {

class Exchange;

/// What a stream knows of the connection it came by.
struct Peer {
    std::string_view remote_address, local_address;  // live as long as the connection
    std::string_view network;  // whom limits for one client count it to, see os::Address::network()
    uint16_t remote_port = 0, local_port = 0;
    bool secure = false;
    std::string_view protocol;             // "HTTP/1.1"
    const net::TlsSession* tls = nullptr;  // lives as long as the connection; null: plain
    uint64_t background_of = 0;            // as in tp_request_view
    bool by_proxy = false;                 // a trusted proxy opened the connection, by the PROXY protocol
    bool misdirected = false;              // plain HTTP where TLS is spoken: it is told so and gets nothing else
};

/// How many requests of one connection still run although their client has given them up, as one on the blocking
/// pool does. Left by the connection and by each of them; whoever is the last deletes it.
class Abandoned {
 public:
    uint32_t count() const { return count_; }
    void enter() { ++count_; }
    void leave() {
        if (--count_ == 0 && orphan_) delete this;
    }
    /// The connection is going.
    void release() {
        orphan_ = true;
        if (count_ == 0) delete this;
    }

 private:
    ~Abandoned() = default;
    uint32_t count_ = 0;
    bool orphan_ = false;
};

class Stream {
 public:
    virtual ~Stream() = default;
    virtual const Peer& peer() const = 0;

    /// Writes the head of an interim answer (1xx), to leave at once and ahead of the answer's own. Dropped where
    /// the protocol knows none.
    virtual void sendInterim(unsigned status, const tp_field* fields, size_t count) = 0;
    /// Writes the response's head into the output; nothing needs to leave yet. `length`: of the body or
    /// TP_LENGTH_UNKNOWN. `body`: whether a body will follow (not for HEAD, 204, 304).
    virtual void sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) = 0;
    /// Writes the head of a 101; from here on bytes pass as they are, both ways. False: this protocol or this
    /// request cannot.
    virtual bool sendUpgrade(std::string_view /*protocol*/, const tp_field* /*fields*/, size_t /*count*/) {
        return false;
    }
    /// After sendUpgrade(): nothing follows what was sent, while the client's bytes go on coming.
    virtual void endSending() {}
    /// Fields that follow the body, all of them each time: before sendHead() those that may be announced, before
    /// the sendBody() or sendFile() with `last` those that are sent. They live until that call returns. Dropped
    /// where the protocol, the framing or the client does not take them.
    virtual void setTrailers(const tp_field* fields, size_t count) = 0;
    /// TP_SENT, TP_WAIT or TP_GONE, with the meaning of tp_host.send().
    virtual int32_t sendBody(const tp_str* parts, size_t count, bool last) = 0;
    virtual int32_t sendFile(int fd, uint64_t offset, uint64_t size, bool last) = 0;
    /// Whether sendPipe() is possible: the bytes of a body leave as they are.
    virtual bool canSplice() const { return false; }
    /// What a pipe holds, as a part of the body that is not the last.
    virtual int32_t sendPipe(PipeLoan /*pipe*/) { return TP_GONE; }
    /// Ask for request body bytes: Exchange::onBody() follows, never from inside.
    virtual void readBody() = 0;
    /// The exchange has its whole answer queued. The stream calls Exchange::onSent() when all of it has left.
    virtual void finish() = 0;
    /// The answer cannot be completed: the client must notice that (the connection is reset or closed short).
    virtual void abort() = 0;
    /// Do not take another request on this connection after this one.
    virtual void closeAfter() = 0;
};

}  // namespace turnpike::server
