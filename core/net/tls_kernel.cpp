#include "net/tls_kernel.h"

#include <openssl/ssl.h>

#include <cerrno>

namespace turnpike::net {
namespace {

/// A key update (RFC 8446 4.6.3) that wants one back.
constexpr size_t kKeyUpdateSize = 5, kRequested = 4;
/// TCP_ULP and TLS_TX. Those of a kernel that takes no keys are not seen.
constexpr int kCallsToSetKeys = 2;

TlsWire& wireOf(BIO* bio) { return *static_cast<TlsWire*>(BIO_get_data(bio)); }

/// The socket's own BIO knows how to send what is no application data: by one call.
int writeBySocket(BIO* bio, const char* data, size_t size, size_t* done) {
    const TlsWire& wire = wireOf(bio);
    const int sent = BIO_write_ex(BIO_next(bio), data, size, done);
    os::countCall(wire.crossingClass(), sent == 1 ? static_cast<int64_t>(*done) : -errno, true);
    BIO_copy_next_retry(bio);
    return sent;
}

int onWrite(BIO* bio, const char* data, size_t size, size_t* done) {
    BIO_clear_retry_flags(bio);
    if (BIO_get_ktls_send(BIO_next(bio))) return writeBySocket(bio, data, size, done);
    const bool taken = wireOf(bio).put(data, size) == 0;
    *done = taken ? size : 0;
    return taken ? 1 : 0;
}

/// While something waits, keys are not handed over: it would be encrypted a second time.
long onControl(BIO* bio, int command, long number, void* pointer) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (wireOf(bio).waiting() > 0) return 0;
    BIO* socket = BIO_next(bio);
    const bool had_keys = BIO_get_ktls_send(socket);
    const long done = BIO_ctrl(socket, command, number, pointer);
    if (had_keys || !BIO_get_ktls_send(socket)) return done;
    for (int call = 0; call < kCallsToSetKeys; ++call) os::countCall(wireOf(bio).crossingClass(), 0, false);
    return done;
}

const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
        BIO_METHOD* to = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_FILTER, "turnpike socket, kernel TLS");
        if (to == nullptr) return to;
        BIO_meth_set_write_ex(to, onWrite);
        BIO_meth_set_ctrl(to, onControl);
        return to;
    }();
    return made;
}

/// The kernel's keys stay as they are (they can be changed since Linux 6.14): a client that wants others would
/// take what is sent from then on for forged.
void onMessage(int is_sent, int, int type, const void* data, size_t size, SSL* ssl, void* wire) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    if (is_sent == 0 && type == SSL3_RT_HANDSHAKE && size == kKeyUpdateSize && bytes[0] == SSL3_MT_KEY_UPDATE &&
        bytes[kRequested] == SSL_KEY_UPDATE_REQUESTED && isKernelSending(ssl))
        static_cast<TlsWire*>(wire)->fail(-EPROTO);
}

}  // namespace

bool writeByKernel(SSL* ssl, TlsWire& wire) {
    BIO* bio = method() != nullptr ? BIO_new(method()) : nullptr;
    BIO* socket = bio != nullptr ? BIO_new_socket(wire.fd(), BIO_NOCLOSE) : nullptr;
    if (socket == nullptr) {
        BIO_free(bio);
        return false;
    }
    BIO_set_data(bio, &wire);
    BIO_set_init(bio, 1);
    SSL_set0_wbio(ssl, BIO_push(bio, socket));
    SSL_set_options(ssl, SSL_OP_ENABLE_KTLS);
    SSL_set_msg_callback(ssl, onMessage);
    SSL_set_msg_callback_arg(ssl, &wire);
    return true;
}

bool isKernelSending(const SSL* ssl) { return BIO_get_ktls_send(SSL_get_wbio(ssl)); }

}  // namespace turnpike::net
