// transport.h - the bytes of one connection. Plain TCP here; TLS is another implementation behind the same calls,
// so that neither protocol nor plugin can tell. One thread.
#pragma once
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "os/socket.h"

namespace turnpike::net {

class Transport {
 public:
    virtual ~Transport() = default;
    /// Bytes read or written, 0 on a clean end (receive), -EAGAIN when it would block, or another -errno.
    virtual int64_t receive(void* to, size_t size) = 0;
    /// `more`: something follows at once, be it the end; a hint, which endSending() and closing take back.
    virtual int64_t send(const iovec* parts, size_t count, bool more) = 0;
    virtual int64_t sendFile(int file, uint64_t offset, size_t size) = 0;
    /// Tells the peer that nothing more comes, so that it reads what was sent before the close.
    virtual void endSending() = 0;
    /// Bytes sent that the peer has not taken yet, or -errno.
    virtual int64_t unsent() = 0;
    virtual bool isSecure() const = 0;
    virtual int fd() const = 0;
};

class PlainTransport final : public Transport {
 public:
    explicit PlainTransport(int fd) : fd_(fd, os::Class::Client) {}

    int64_t receive(void* to, size_t size) override { return os::recv(fd_.get(), to, size, os::Class::Client); }
    int64_t send(const iovec* parts, size_t count, bool more) override {
        // send() is a little cheaper than sendmsg(), and one part is the common case.
        if (count == 1) return os::send(fd_.get(), parts->iov_base, parts->iov_len, more, os::Class::Client);
        return os::sendv(fd_.get(), parts, count, more, os::Class::Client);
    }
    int64_t sendFile(int file, uint64_t offset, size_t size) override {
        return os::sendfile(fd_.get(), file, offset, size, os::Class::Client);
    }
    void endSending() override { os::shutdownWrite(fd_.get(), os::Class::Client); }
    int64_t unsent() override { return os::unsent(fd_.get(), os::Class::Client); }
    bool isSecure() const override { return false; }
    int fd() const override { return fd_.get(); }

 private:
    os::Fd fd_;
};

}  // namespace turnpike::net
