#include "support/tls_client.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <utility>

namespace turnpike {
namespace {

std::string lastError() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    return reason != nullptr ? reason : "the server closed";
}

}  // namespace

void SessionDeleter::operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }

TlsClient::TlsClient(uint16_t port, Options options)
    : RawClient(port), context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's socket BIO writes without MSG_NOSIGNAL
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, options.least_version);
    SSL_CTX_set_max_proto_version(context_, options.most_version);
    if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context_, options.ciphers.c_str());
    std::string protocols;
    for (const std::string& one : options.protocols) protocols += static_cast<char>(one.size()) + one;
    if (!protocols.empty())
        SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
    if (!options.certificate.empty()) {
        SSL_CTX_use_certificate_chain_file(context_, options.certificate.c_str());
        SSL_CTX_use_PrivateKey_file(context_, options.key.c_str(), SSL_FILETYPE_PEM);
    }
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, keepSession);
    if (!isConnected()) return;
    ssl_ = SSL_new(context_);
    SSL_set_app_data(ssl_, this);
    SSL_set_fd(ssl_, fd());
    if (!options.server_name.empty()) SSL_set_tlsext_host_name(ssl_, options.server_name.c_str());
    if (options.asks_staple) SSL_set_tlsext_status_type(ssl_, TLSEXT_STATUSTYPE_ocsp);
    // OpenSSL uses up a session of TLS 1.3; the caller's stays good for another connection.
    const Session resumed(options.session != nullptr ? SSL_SESSION_dup(options.session) : nullptr);
    if (resumed) SSL_set_session(ssl_, resumed.get());
    ERR_clear_error();
    open_ = SSL_connect(ssl_) == 1;
    if (!open_) fault_ = lastError();
}

TlsClient::~TlsClient() {
    // OpenSSL would not come back with the session of a connection that was cut.
    if (open_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
    SSL_CTX_free(context_);
}

int TlsClient::keepSession(SSL* ssl, SSL_SESSION* session) {
    static_cast<TlsClient*>(SSL_get_app_data(ssl))->session_.reset(session);
    return 1;
}

std::string TlsClient::version() const { return SSL_get_version(ssl_); }
std::string TlsClient::cipher() const { return SSL_get_cipher_name(ssl_); }
bool TlsClient::wasResumed() const { return SSL_session_reused(ssl_) == 1; }
bool TlsClient::wasToldTheEnd() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
void TlsClient::sayGoodbye() { SSL_shutdown(ssl_); }

std::string TlsClient::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TlsClient::subject() const {
    const X509* certificate = ssl_ != nullptr ? SSL_get0_peer_certificate(ssl_) : nullptr;
    char name[256] = "";
    if (certificate != nullptr)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    return name;
}

std::string TlsClient::staple() const {
    const unsigned char* response = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(ssl_, &response);
    return size > 0 ? std::string(reinterpret_cast<const char*>(response), static_cast<size_t>(size))
                    : std::string();
}

Session TlsClient::session() const {
    if (!session_) return nullptr;
    SSL_SESSION_up_ref(session_.get());
    return Session(session_.get());
}

bool TlsClient::renegotiates() {
    ERR_clear_error();
    if (SSL_renegotiate(ssl_) != 1 || SSL_do_handshake(ssl_) != 1) {
        fault_ = lastError();
        return false;
    }
    return true;
}

bool TlsClient::updatesKeys() {
    return SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl_) == 1;
}

bool TlsClient::send(std::string_view bytes) {
    ERR_clear_error();
    if (!open_) return false;
    if (bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0) return true;
    fault_ = lastError();
    return false;
}

std::string TlsClient::converse(std::string_view bytes, std::string_view end) {
    std::string came;
    char block[65536];
    ::fcntl(fd(), F_SETFL, O_NONBLOCK);
    SSL_set_mode(ssl_, SSL_MODE_ENABLE_PARTIAL_WRITE);
    while (open_ && (!bytes.empty() || !came.ends_with(end))) {
        ERR_clear_error();
        const int sent = bytes.empty() ? 0 : SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
        if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
        const int got = SSL_read(ssl_, block, sizeof block);
        if (got > 0) came.append(block, static_cast<size_t>(got));
        if (got <= 0 && SSL_get_error(ssl_, got) != SSL_ERROR_WANT_READ) break;
        pollfd p{fd(), static_cast<short>(bytes.empty() ? POLLIN : POLLIN | POLLOUT), 0};
        if (sent <= 0 && got <= 0 && poll(&p, 1, 15'000) <= 0) break;
    }
    return came;
}

bool TlsClient::read(char* to, size_t size, int ms, ssize_t* got) {
    if (!open_) return false;
    pollfd p{fd(), POLLIN, 0};
    if (SSL_pending(ssl_) == 0 && poll(&p, 1, ms) <= 0) return false;
    ERR_clear_error();
    *got = SSL_read(ssl_, to, static_cast<int>(size));
    if (*got <= 0 && SSL_get_error(ssl_, static_cast<int>(*got)) != SSL_ERROR_ZERO_RETURN) fault_ = lastError();
    return true;
}

}  // namespace turnpike
