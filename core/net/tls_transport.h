// tls_transport.h - one connection under TLS, from either end. The handshake goes on inside receive(), which says
// -EAGAIN until it is done. Between two requests it keeps no buffers. One thread.
#pragma once
#include <openssl/types.h>

#include <array>
#include <optional>
#include <string>

#include "net/tls_wire.h"
#include "net/transport.h"

namespace turnpike::net {

/// Where connections have their bytes while they are encrypted: none of its own. One serves all of a worker.
struct TlsScratch {
    static constexpr size_t kRecord = 16384, kBatch = 4 * kRecord;
    std::array<char, kBatch> plain;
    std::string records;
};

class TlsTransport final : public Transport {
 public:
    /// Owns `fd` and `ssl`, which may be null: out of memory. `by_kernel`: the kernel is to encrypt what is sent,
    /// if it can.
    TlsTransport(int fd, SSL* ssl, TlsScratch& scratch, TlsRole role, bool by_kernel = false);
    /// Says goodbye (close_notify) unless the connection is to look cut.
    ~TlsTransport() override;
    TlsTransport(const TlsTransport&) = delete;
    TlsTransport& operator=(const TlsTransport&) = delete;

    int64_t receive(void* to, size_t size) override;
    bool hasEnded() const override { return end_.has_value(); }
    int64_t send(const iovec* parts, size_t count, bool more) override;
    int64_t sendFile(int file, uint64_t offset, size_t size) override;
    int64_t complete() override;
    void endSending() override;
    int64_t unsent() override;
    void resetOnClose() override;
    bool isSecure() const override { return state_ != State::Plain; }
    int64_t advance() override;
    bool isReady() const override { return state_ == State::Open || state_ == State::Plain; }
    bool isMisdirected() const override { return state_ == State::Plain; }
    bool wantsToWrite() const override;
    const TlsSession* session() const override { return state_ == State::Open ? &session_ : nullptr; }
    /// A client's connection also tells here why a later receive() or send() has failed.
    std::string_view fault() const override { return fault_; }
    int fd() const override { return wire_.fd(); }
    /// What the handshake is going to fail for, in better words than OpenSSL's.
    void blame(std::string why) { blamed_ = std::move(why); }
    /// Something was read of the socket that receive() has not given out.
    bool hasPending() const;

 private:
    enum class State : uint8_t { Handshake, Open, Plain, Failed };

    bool setBio(bool by_kernel);
    int64_t receiveOnce(char* to, size_t size);
    int64_t handshake();
    int64_t failHandshake();
    std::string handshakeFault() const;
    void fillSession();
    void fillClient();
    int64_t decrypt(char* to, size_t size);
    int64_t readFailed(int result);
    int64_t cut();
    int64_t receivePlain(char* to, size_t size);
    /// What an earlier call left: 0 when a new batch may begin, otherwise what to return.
    int64_t settle();
    /// What is sent goes to the socket as it is.
    bool isSentAsIs() const { return state_ == State::Plain || session_.in_kernel; }
    int64_t pushed(int64_t sent);
    bool encrypt(const char* data, size_t size);
    int64_t sendOne(const char* data, size_t size, bool more);
    int64_t sendBatch(const char* data, size_t size, bool more);
    size_t gather(const iovec* parts, size_t count);
    int64_t told(size_t taken);
    void sayGoodbye();

    TlsScratch& scratch_;
    const TlsRole role_;
    TlsWire wire_;
    SSL* ssl_;
    State state_ = State::Handshake;
    bool goodbye_said_ = false;
    std::optional<int64_t> end_;  // what receive() says when nothing can come any more
    size_t promised_ = 0;         // encrypted, not all of it with the socket, and not told of
    TlsSession session_;
    std::string fault_, blamed_, plain_;
};

}  // namespace turnpike::net
