#include "net/tls_transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "net/tls_kernel.h"
#include "net/tls_parts.h"
#include "os/file.h"

namespace turnpike::net {
namespace {

constexpr size_t kRecord = TlsScratch::kRecord, kBatch = TlsScratch::kBatch;

/// OpenSSL takes what an earlier call left for its own. Looking first is much cheaper than clearing.
void forgetErrors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

/// The end came without close_notify.
bool isCut(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

int sslSize(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

std::string serialText(const X509* certificate) {
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
        ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr), BN_free);
    char* text = number ? BN_bn2hex(number.get()) : nullptr;
    std::string to = text != nullptr ? text : "";
    OPENSSL_free(text);
    return to;
}

}  // namespace

TlsTransport::TlsTransport(int fd, SSL* ssl, TlsScratch& scratch, TlsRole role, bool by_kernel)
    : scratch_(scratch), role_(role), wire_(fd, role), ssl_(ssl) {
    if (ssl_ != nullptr && setBio(by_kernel)) {
        role == TlsRole::Server ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
        return;
    }
    state_ = State::Failed;
    fault_ = "no memory for another connection";
}

bool TlsTransport::setBio(bool by_kernel) {
    BIO* bio = wire_.makeBio();
    if (bio == nullptr) return false;
    if (!by_kernel) {
        SSL_set_bio(ssl_, bio, bio);
        return true;
    }
    SSL_set0_rbio(ssl_, bio);
    return writeByKernel(ssl_, wire_);
}

TlsTransport::~TlsTransport() {
    if (state_ == State::Open) sayGoodbye();
    SSL_free(ssl_);
}

int64_t TlsTransport::advance() {
    if (state_ == State::Failed) return -EPROTO;
    int64_t waits;
    do {
        wire_.beginTurn();
        waits = wire_.flush();
        if (state_ == State::Handshake) waits = handshake();
    } while (waits == -EAGAIN && wire_.mayHaveEnded());
    return waits;
}

bool TlsTransport::hasPending() const {
    return state_ == State::Open && (hasEnded() || SSL_has_pending(ssl_) == 1);
}

int64_t TlsTransport::receive(void* to, size_t size) {
    if (state_ == State::Plain) return receivePlain(static_cast<char*>(to), size);
    // After a failure: what still comes is read so that the alert is not lost to a reset.
    if (state_ == State::Failed) return os::recv(wire_.fd(), to, size, wire_.crossingClass());
    int64_t got;
    do {
        wire_.beginTurn();
        got = receiveOnce(static_cast<char*>(to), size);
    } while (got == -EAGAIN && wire_.mayHaveEnded());
    return got;
}

int64_t TlsTransport::receiveOnce(char* to, size_t size) {
    if (int64_t left = wire_.flush(); left < 0 && left != -EAGAIN) return left;
    if (state_ == State::Handshake) {
        const int64_t waits = handshake();
        if (waits < 0) return waits;
        if (state_ == State::Plain) return receivePlain(to, size);
    }
    return decrypt(to, size);
}

/// 0 when it is done, -EAGAIN when the client must send more, -EPROTO when there is no hope.
int64_t TlsTransport::handshake() {
    forgetErrors();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) {
        state_ = State::Open;
        fillSession();
        return 0;
    }
    if (wire_.isPlain() && role_ == TlsRole::Server) {
        state_ = State::Plain;
        plain_ = wire_.takePlain();
        return 0;
    }
    const int error = SSL_get_error(ssl_, done);
    const bool waits = (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) && wire_.error() == 0;
    return waits && !wire_.isPlain() ? -EAGAIN : failHandshake();
}

/// A ticket that the kernel's full socket does not take is OpenSSL's to send again; all else waits in the wire.
bool TlsTransport::wantsToWrite() const {
    return wire_.waiting() > 0 || (state_ == State::Handshake && SSL_want_write(ssl_));
}

int64_t TlsTransport::failHandshake() {
    state_ = State::Failed;
    fault_ = handshakeFault();
    forgetErrors();
    return -EPROTO;
}

std::string TlsTransport::handshakeFault() const {
    if (!blamed_.empty()) return blamed_;
    if (wire_.isPlain()) return "what came is plain HTTP, no TLS";
    if (wire_.error() == -EPROTO) return "what came is no TLS";
    if (wire_.error() < 0) return std::strerror(static_cast<int>(-wire_.error()));
    const unsigned long error = ERR_peek_last_error();
    if (error != 0 && !isCut(error)) return lastError();
    return role_ == TlsRole::Server ? "the client left" : "it left in the middle of the handshake";
}

void TlsTransport::fillSession() {
    session_.version = SSL_get_version(ssl_);
    session_.cipher = SSL_get_cipher_name(ssl_);
    session_.resumed = SSL_session_reused(ssl_) == 1;
    session_.in_kernel = isKernelSending(ssl_);
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &protocol, &size);
    session_.alpn = {reinterpret_cast<const char*>(protocol), size};
    if (role_ == TlsRole::Client) return;
    session_.identity = static_cast<const TlsIdentity*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl_)));
    fillClient();
}

void TlsTransport::fillClient() {
    const X509* client = SSL_get0_peer_certificate(ssl_);
    if (client == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return;
    session_.client_verified = true;
    session_.client_subject = nameText(X509_get_subject_name(client));
    session_.client_issuer = nameText(X509_get_issuer_name(client));
    session_.client_serial = serialText(client);
}

int64_t TlsTransport::decrypt(char* to, size_t size) {
    size_t got = 0;
    while (got < size && !end_) {
        forgetErrors();
        const int read = SSL_read(ssl_, to + got, sslSize(size - got));
        if (read <= 0) {
            const int64_t failed = readFailed(read);
            if (failed != -EAGAIN) end_ = failed;
            break;
        }
        got += static_cast<size_t>(read);
        // Nothing is left inside and the socket is empty: the next read would only say so.
        if (wire_.isDrained() && SSL_has_pending(ssl_) == 0) break;
    }
    return got > 0 ? static_cast<int64_t>(got) : end_.value_or(-EAGAIN);
}

int64_t TlsTransport::readFailed(int result) {
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
            return wire_.error() < 0 ? wire_.error() : -EAGAIN;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        case SSL_ERROR_SYSCALL:
            // 0: the end came without close_notify. Of a client's stream HTTP's own framing tells what is cut.
            if (wire_.error() < 0 || role_ == TlsRole::Server) return wire_.error();
            [[fallthrough]];
        default:
            return cut();
    }
}

/// By an alert, by what is no TLS, or by an end that nobody has vouched for: where the peer's own end is what
/// tells that all has come, it has not (RFC 9112 9.8).
int64_t TlsTransport::cut() {
    if (role_ == TlsRole::Client)
        fault_ = isCut(ERR_peek_last_error()) ? "it ended without close_notify, as a connection that is cut"
                                              : lastError();
    forgetErrors();
    return -EPROTO;
}

int64_t TlsTransport::receivePlain(char* to, size_t size) {
    const size_t taken = std::min(size, plain_.size());
    std::copy_n(plain_.data(), taken, to);
    plain_.erase(0, taken);
    if (taken == size) return static_cast<int64_t>(taken);
    const int64_t more = os::recv(wire_.fd(), to + taken, size - taken, wire_.crossingClass());
    if (taken == 0) return more;
    return static_cast<int64_t>(taken) + std::max<int64_t>(more, 0);
}

int64_t TlsTransport::settle() {
    if (int64_t left = wire_.flush(); left < 0) return left;
    return static_cast<int64_t>(std::exchange(promised_, 0));
}

bool TlsTransport::encrypt(const char* data, size_t size) {
    forgetErrors();
    return size == 0 || SSL_write(ssl_, data, sslSize(size)) == sslSize(size);
}

/// After records left: how much of the answer is on its way, once the socket has all of them.
int64_t TlsTransport::told(size_t taken) {
    if (wire_.waiting() == 0) return static_cast<int64_t>(taken);
    promised_ = taken;
    return -EAGAIN;
}

/// One record: straight from where it is to the socket.
int64_t TlsTransport::sendOne(const char* data, size_t size, bool more) {
    wire_.setMore(more);
    const bool done = encrypt(data, size);
    wire_.setMore(false);
    if (!done) return wire_.error() < 0 ? wire_.error() : -EPROTO;
    return told(size);
}

/// Any number of full records, and what is left: they leave by one call.
int64_t TlsTransport::sendBatch(const char* data, size_t size, bool more) {
    if (size <= kRecord) return sendOne(data, size, more);
    std::string& records = scratch_.records;
    records.clear();
    wire_.gatherInto(&records);
    const bool done = encrypt(data, size);
    wire_.gatherInto(nullptr);
    if (!done) return -EPROTO;
    if (int64_t pushed = wire_.push(records.data(), records.size(), more); pushed < 0) return pushed;
    return told(size);
}

/// Small parts are brought together: a record costs more than a copy.
size_t TlsTransport::gather(const iovec* parts, size_t count) {
    char* to = scratch_.plain.data();
    size_t filled = 0;
    for (size_t i = 0; i < count && filled < kBatch; ++i) {
        const size_t size = std::min(parts[i].iov_len, kBatch - filled);
        if (size > 0) std::memcpy(to + filled, parts[i].iov_base, size);
        filled += size;
    }
    return filled;
}

/// What a call on the socket itself says. When the kernel encrypts and the socket is full, TCP may keep pages of
/// sendfile() that nobody will ever push: with none of them on the way no acknowledgement comes, and with it no
/// room (seen on Linux 6.1: 32,812 bytes unsent, none unacknowledged, for good). Setting this option pushes
/// (tcp(7)).
int64_t TlsTransport::pushed(int64_t sent) {
    if (sent == -EAGAIN && session_.in_kernel) os::setNoDelay(wire_.fd(), wire_.crossingClass());
    return sent;
}

int64_t TlsTransport::send(const iovec* parts, size_t count, bool more) {
    if (state_ != State::Open && state_ != State::Plain) return -EPIPE;
    if (wire_.error() < 0) return wire_.error();
    if (isSentAsIs()) return pushed(os::sendv(wire_.fd(), parts, count, more, wire_.crossingClass()));
    if (int64_t earlier = settle(); earlier != 0) return earlier;
    if (count == 1)
        return sendBatch(static_cast<const char*>(parts->iov_base), std::min(parts->iov_len, kBatch), more);
    const size_t size = gather(parts, count);
    return sendBatch(scratch_.plain.data(), size, more);
}

int64_t TlsTransport::sendFile(int file, uint64_t offset, size_t size) {
    if (state_ != State::Open) return -EPIPE;
    if (wire_.error() < 0) return wire_.error();
    if (isSentAsIs()) return pushed(os::sendfile(wire_.fd(), file, offset, size, wire_.crossingClass()));
    if (int64_t earlier = settle(); earlier != 0) return earlier;
    char* block = scratch_.plain.data();
    const int64_t got = os::pread(file, block, std::min(size, kBatch), offset, os::Class::File);
    if (got <= 0) return got;
    return sendBatch(block, static_cast<size_t>(got), static_cast<size_t>(got) < size);
}

/// The kernel takes a record whole, and what does not fit the socket goes when there is room, unless the socket is
/// ended before. It takes no goodbye (RFC 8446 6.1) while there is none, and sends what it still has in front of
/// it.
int64_t TlsTransport::complete() {
    if (!session_.in_kernel || goodbye_said_ || wire_.error() < 0) return 0;
    forgetErrors();
    const int said = SSL_shutdown(ssl_);
    const bool waits = said < 0 && SSL_get_error(ssl_, said) == SSL_ERROR_WANT_WRITE;
    forgetErrors();
    goodbye_said_ = !waits;
    return pushed(waits ? -EAGAIN : 0);
}

/// RFC 8446 6.1. Nobody waits for the answer to it.
void TlsTransport::sayGoodbye() {
    if (std::exchange(goodbye_said_, true)) return;
    forgetErrors();
    if (wire_.error() == 0 && wire_.flush() == 0) SSL_shutdown(ssl_);
    forgetErrors();
}

void TlsTransport::endSending() {
    if (state_ == State::Open) sayGoodbye();
    os::shutdownWrite(wire_.fd(), wire_.crossingClass());
}

int64_t TlsTransport::unsent() {
    const int64_t in_socket = std::max<int64_t>(os::unsent(wire_.fd(), wire_.crossingClass()), 0);
    return in_socket + static_cast<int64_t>(wire_.waiting()) - static_cast<int64_t>(promised_);
}

void TlsTransport::resetOnClose() {
    goodbye_said_ = true;
    Transport::resetOnClose();
}

}  // namespace turnpike::net
