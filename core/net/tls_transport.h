// tls_transport.h - one connection under TLS. The handshake goes on inside receive(), which says -EAGAIN until it
// is done. Between two requests it keeps no buffers. One thread.
#pragma once
#include <openssl/types.h>

#include <optional>
#include <string>

#include "net/tls_wire.h"
#include "net/transport.h"

namespace turnpike::net {

class TlsServer;

class TlsTransport final : public Transport {
 public:
    TlsTransport(int fd, TlsServer& server);
    /// Says goodbye (close_notify) unless the connection is to look cut.
    ~TlsTransport() override;
    TlsTransport(const TlsTransport&) = delete;
    TlsTransport& operator=(const TlsTransport&) = delete;

    int64_t receive(void* to, size_t size) override;
    bool hasEnded() const override { return end_.has_value(); }
    int64_t send(const iovec* parts, size_t count, bool more) override;
    int64_t sendFile(int file, uint64_t offset, size_t size) override;
    void endSending() override;
    int64_t unsent() override;
    void resetOnClose() override;
    bool isSecure() const override { return state_ != State::Plain; }
    bool isReady() const override { return state_ == State::Open || state_ == State::Plain; }
    bool isMisdirected() const override { return state_ == State::Plain; }
    bool wantsToWrite() const override { return wire_.waiting() > 0; }
    const TlsSession* session() const override { return state_ == State::Open ? &session_ : nullptr; }
    std::string_view fault() const override { return fault_; }
    int fd() const override { return wire_.fd(); }

 private:
    enum class State : uint8_t { Handshake, Open, Plain, Failed };

    int64_t receiveOnce(char* to, size_t size);
    int64_t handshake();
    int64_t failHandshake();
    void fillSession();
    void fillClient();
    int64_t decrypt(char* to, size_t size);
    int64_t readFailed(int result);
    int64_t receivePlain(char* to, size_t size);
    /// What an earlier call left: 0 when a new batch may begin, otherwise what to return.
    int64_t settle();
    bool encrypt(const char* data, size_t size);
    int64_t sendOne(const char* data, size_t size, bool more);
    int64_t sendBatch(const char* data, size_t size, bool more);
    size_t gather(const iovec* parts, size_t count);
    int64_t told(size_t taken);
    void sayGoodbye();

    TlsServer& server_;
    TlsWire wire_;
    SSL* ssl_;
    State state_ = State::Handshake;
    bool goodbye_said_ = false;
    std::optional<int64_t> end_;  // what receive() says when nothing can come any more
    size_t promised_ = 0;         // encrypted, not all of it with the socket, and not told of
    TlsSession session_;
    std::string fault_, plain_;
};

}  // namespace turnpike::net
