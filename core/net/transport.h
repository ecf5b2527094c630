// transport.h - the bytes of one connection. Plain TCP here; TLS (tls_transport.h) is another implementation
// behind the same calls, so that neither protocol nor plugin can tell. One thread.
#pragma once
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "os/file.h"
#include "os/socket.h"

namespace turnpike::net {

class TlsIdentity;

/// What a handshake has settled; lives as long as the connection.
struct TlsSession {
    std::string_view version, cipher;       // "TLSv1.3", "TLS_AES_128_GCM_SHA256"
    std::string_view alpn;                  // "h2", "http/1.1"; empty: the client named none
    const TlsIdentity* identity = nullptr;  // whose certificate the client was shown
    bool resumed = false;
    bool in_kernel = false;  // which encrypts what is sent (kTLS)
    /// A certificate that was checked; the rest is empty without one.
    bool client_verified = false;
    std::string client_subject, client_issuer, client_serial;
};

class Transport {
 public:
    virtual ~Transport() = default;
    /// Bytes read or written, 0 on a clean end (receive), -EAGAIN when it would block, or another -errno. A
    /// receive() of fewer bytes than asked for says that nothing more is there, unless hasEnded(). After -EAGAIN
    /// from send() or sendFile() the same bytes must be sent again; more may follow them.
    virtual int64_t receive(void* to, size_t size) = 0;
    /// The end came right behind the bytes of the last receive(), and the next one tells of it: the socket will
    /// not.
    virtual bool hasEnded() const { return false; }
    /// `more`: something follows at once, be it the end; a hint, which endSending() and closing take back.
    virtual int64_t send(const iovec* parts, size_t count, bool more) = 0;
    virtual int64_t sendFile(int file, uint64_t offset, size_t size) = 0;
    /// Whether splice() is possible: nothing needs to be done to the bytes.
    virtual bool canSplice() const { return false; }
    /// As sendFile(), of what lies in a pipe: up to `size` bytes, which are there.
    virtual int64_t splice(int /*pipe*/, size_t /*size*/, bool /*more*/) { return -ENOTSUP; }
    /// For who has sent all and is about to end the connection: 0 when nothing of it can be lost by that any more,
    /// -EAGAIN while something is not with the socket yet. Ask again when it is writable.
    virtual int64_t complete() { return 0; }
    /// Tells the peer that nothing more comes, so that it reads what was sent before the close.
    virtual void endSending() = 0;
    /// Of the bytes that send() and sendFile() have told of, how many the peer has not taken yet. Below 0: it has
    /// taken some that they have not told of.
    virtual int64_t unsent() = 0;
    /// The end will be a reset, so that the peer does not take a cut answer for a whole one.
    virtual void resetOnClose() { os::resetOnClose(fd(), os::Class::Client); }
    /// Encrypted, or about to be: false once the client turns out to speak plain HTTP where TLS is spoken.
    virtual bool isSecure() const = 0;
    /// For who has nothing to receive yet: goes on with a handshake, and with what waits for the socket. As
    /// receive(), but 0 when nothing is left to do.
    virtual int64_t advance() { return 0; }
    /// A handshake is done, or there is none.
    virtual bool isReady() const { return true; }
    /// Plain HTTP came where TLS is spoken: the client may be told so in plain, and gets nothing else.
    virtual bool isMisdirected() const { return false; }
    /// Bytes of its own wait for the socket: receive() goes on when it is writable.
    virtual bool wantsToWrite() const { return false; }
    /// Null for plain connections and before the handshake is done.
    virtual const TlsSession* session() const { return nullptr; }
    /// Why the handshake failed, for the log; empty: it did not.
    virtual std::string_view fault() const { return {}; }
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
    bool canSplice() const override { return true; }
    int64_t splice(int pipe, size_t size, bool more) override {
        return os::splice(pipe, fd_.get(), size, more, os::Class::Client);
    }
    void endSending() override { os::shutdownWrite(fd_.get(), os::Class::Client); }
    int64_t unsent() override { return std::max<int64_t>(os::unsent(fd_.get(), os::Class::Client), 0); }
    bool isSecure() const override { return false; }
    int fd() const override { return fd_.get(); }

 private:
    os::Fd fd_;
};

}  // namespace turnpike::net
