// tls_wire.h - what lies below the encryption of one connection: the socket, records that wait for it, and the BIO
// by which OpenSSL reaches both through os/, so that the ledger has every crossing. Private to net/. One thread.
#pragma once
#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "os/socket.h"

namespace turnpike::net {

/// Which end of a connection this is.
enum class TlsRole : uint8_t { Server, Client };

class TlsWire {
 public:
    TlsWire(int fd, TlsRole role)
        : class_(role == TlsRole::Server ? os::Class::Client : os::Class::Backend), role_(role), fd_(fd, class_) {}
    TlsWire(const TlsWire&) = delete;
    TlsWire& operator=(const TlsWire&) = delete;

    /// For reading and writing. Whom it is set on owns it then; null: out of memory. It must not outlive the wire.
    BIO* makeBio();

    /// The socket may have more to read again.
    void beginTurn() { is_drained_ = is_empty_ = false; }
    /// The last read took all that there was.
    bool isDrained() const { return is_drained_; }
    /// The same, and what is behind it is not known: the stream's end would not be told again.
    bool mayHaveEnded() const { return is_drained_ && !is_empty_; }

    /// Records are put into `to` instead of the socket, until it is null again.
    void gatherInto(std::string* to) { gathered_ = to; }
    /// Takes a record from OpenSSL: gathers it, or pushes it.
    int64_t put(const char* data, size_t size);
    /// Sends; what the socket does not take waits. 0 or -errno, never -EAGAIN.
    int64_t push(const char* data, size_t size, bool more);
    /// Sends what waits: 0 when nothing is left, or -errno.
    int64_t flush();
    size_t waiting() const { return waiting_.size() - waiting_begin_; }
    /// `more` of the next records that go straight to the socket.
    void setMore(bool more) { more_ = more; }

    /// Plain HTTP, and nothing else, came first: what came of it. No TLS is possible any more.
    bool isPlain() const { return first_ == First::Plain; }
    std::string takePlain() { return std::exchange(plain_, {}); }
    /// From now on nothing goes: `error` is -errno.
    void fail(int64_t error) { error_ = error; }
    /// The socket's own error, 0: none.
    int64_t error() const { return error_; }
    /// Of the calls for this connection, in the ledger.
    os::Class crossingClass() const { return class_; }
    int fd() const { return fd_.get(); }

 private:
    enum class First : uint8_t { Unknown, Record, Plain };
    /// More would be records that nobody asked for, to a peer that takes none.
    static constexpr size_t kMostWaiting = 512u << 10;

    int read(char* to, size_t size);
    bool judgeFirst(const char* data, size_t size);
    bool isRecord(unsigned char first) const;

    static const BIO_METHOD* method();
    static int onRead(BIO* bio, char* to, size_t size, size_t* done);
    static int onWrite(BIO* bio, const char* data, size_t size, size_t* done);
    static long onControl(BIO* bio, int command, long number, void* pointer);

    const os::Class class_;
    const TlsRole role_;
    os::Fd fd_;
    First first_ = First::Unknown;
    bool is_drained_ = false, is_empty_ = false, more_ = false, is_ended_ = false;
    int64_t error_ = 0;
    std::string waiting_;
    size_t waiting_begin_ = 0;
    std::string plain_;
    std::string* gathered_ = nullptr;
};

}  // namespace turnpike::net
