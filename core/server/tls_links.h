// tls_links.h - a worker's connections under TLS to other servers (net/tls_dialer.h), by their descriptors: a
// plugin reads, writes and watches one as it would a plain socket. Loop thread only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/loop.h"
#include "net/tls_transport.h"
#include "os/socket.h"

namespace turnpike::net {
class TlsDialer;
}

namespace turnpike::server {

/// Who watches the socket of a link.
class TlsWatcher {
 public:
    virtual ~TlsWatcher() = default;
    /// As net::EventLoop::tellAgain(), for what the link needs now.
    virtual void watchAgain() = 0;
};

class TlsLink {
 public:
    explicit TlsLink(std::unique_ptr<net::TlsTransport> transport) : transport_(std::move(transport)) {}

    /// Something has happened to its socket: does its own part, and gives what a watcher is to be told. Nothing
    /// before the handshake has come to an end.
    uint32_t advance(uint32_t what);
    /// What the socket must be watched for beside what a watcher asks for.
    uint32_t needs() const;
    /// 0, or why there is no connection: -errno.
    int32_t connected() const { return error_; }
    /// Null: nobody does.
    void setWatcher(TlsWatcher* watcher) { watcher_ = watcher; }
    int64_t read(void* to, size_t size);
    int64_t write(const iovec* parts, size_t count) { return transport_->send(parts, count, false); }
    void endWriting() { transport_->endSending(); }
    std::string_view fault() const;

 private:
    enum class Stage : uint8_t { Connecting, Handshake, Open, Failed };
    uint32_t settle(int64_t error);

    std::unique_ptr<net::TlsTransport> transport_;
    TlsWatcher* watcher_ = nullptr;
    Stage stage_ = Stage::Connecting;
    int32_t error_ = -EINPROGRESS;
};

class TlsLinks {
 public:
    /// Null: `fd` is an ordinary descriptor.
    TlsLink* find(int fd) const {
        const auto at = static_cast<size_t>(fd);
        return at < by_fd_.size() ? by_fd_[at].get() : nullptr;
    }
    /// A socket that is connected or will be.
    void add(int fd, net::TlsDialer& dialer, const std::string& address);
    /// False: `fd` is none.
    bool close(int fd);

 private:
    std::unique_ptr<net::TlsScratch> scratch_;  // from the first one on
    std::vector<std::unique_ptr<TlsLink>> by_fd_;
};

}  // namespace turnpike::server
