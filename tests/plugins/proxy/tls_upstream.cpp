#include "tls_upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <memory>

#include "scripted_upstream.h"
#include "support/openssl_objects.h"

namespace turnpike::proxy::test {
namespace {

Bio memory(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

void show(SSL_CTX* context, const MadeCertificate& made) {
    const Bio from = memory(made.certificate);
    for (bool is_first = true;; is_first = false) {
        const Certificate one(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
        if (!one) break;
        is_first ? SSL_CTX_use_certificate(context, one.get()) : SSL_CTX_add1_chain_cert(context, one.get());
    }
    const Key key(PEM_read_bio_PrivateKey(memory(made.key).get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_PrivateKey(context, key.get());
}

void ask(SSL_CTX* context, const std::string& authority) {
    const Certificate one(PEM_read_bio_X509(memory(authority).get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

/// The first that is offered, so that a test sees it.
int choose(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned,
           void*) {
    *size = offered[0];
    *chosen = offered + 1;
    return SSL_TLSEXT_ERR_OK;
}

std::string orEmpty(const char* text) { return text != nullptr ? text : ""; }

void describe(const SSL* ssl, TlsUpstream::Seen& seen) {
    seen.version = SSL_get_version(ssl);
    seen.server_name = orEmpty(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    seen.was_resumed = SSL_session_reused(ssl) == 1;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    seen.protocol.assign(reinterpret_cast<const char*>(protocol), size);
    char name[256] = "";
    if (const X509* client = SSL_get0_peer_certificate(ssl))
        X509_NAME_get_text_by_NID(X509_get_subject_name(client), NID_commonName, name, sizeof name);
    seen.client = name;
}

}  // namespace

bool TlsPeer::write(std::string_view bytes) const {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

std::string TlsPeer::read() const {
    char block[65536];
    const int got = SSL_read(ssl_, block, sizeof block);
    return got > 0 ? std::string(block, static_cast<size_t>(got)) : std::string();
}

std::string TlsPeer::readUntil(std::string_view end) const {
    std::string all;
    char byte = 0;
    while (!all.ends_with(end) && SSL_read(ssl_, &byte, 1) == 1) all += byte;
    return all;
}

std::string TlsPeer::readExactly(size_t size) const {
    std::string all(size, '\0');
    size_t got = 0;
    while (got < size) {
        const int n = SSL_read(ssl_, all.data() + got, static_cast<int>(size - got));
        if (n <= 0) break;
        got += static_cast<size_t>(n);
    }
    all.resize(got);
    return all;
}

void TlsPeer::changeKeys() const {
    SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(ssl_);
}

void TlsPeer::holdBack(bool is_held) const {
    const int on = is_held ? 1 : 0;
    ::setsockopt(SSL_get_fd(ssl_), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

TlsUpstream::TlsUpstream(Options options, Script script)
    : options_(std::move(options)),
      script_(script ? std::move(script) : [](TlsPeer& peer, const Seen&) { peer.write(goodAnswer("hello")); }),
      context_(SSL_CTX_new(TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL's socket BIO writes without MSG_NOSIGNAL
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, options_.least_version);
    SSL_CTX_set_max_proto_version(context_, options_.most_version);
    SSL_CTX_set_session_id_context(context_, reinterpret_cast<const unsigned char*>("t"), 1);
    SSL_CTX_set_alpn_select_cb(context_, choose, nullptr);
    if (options_.instead.empty()) show(context_, options_.shown);
    if (!options_.client_ca.empty()) ask(context_, options_.client_ca);
    start();
}

TlsUpstream::~TlsUpstream() {
    stop();
    SSL_CTX_free(context_);
}

std::vector<TlsUpstream::Seen> TlsUpstream::seen() {
    std::lock_guard hold(seen_lock_);
    return seen_;
}

unsigned TlsUpstream::resumed() {
    const auto all = seen();
    return static_cast<unsigned>(std::ranges::count_if(all, [](const Seen& one) { return one.was_resumed; }));
}

void TlsUpstream::speakPlain(int fd) const {
    if (options_.instead == "(end)") return;
    if (options_.instead != "(silence)")
        ::send(fd, options_.instead.data(), options_.instead.size(), MSG_NOSIGNAL);
    char block[4096];
    while (::recv(fd, block, sizeof block, 0) > 0) continue;
}

void TlsUpstream::serve(int fd, unsigned number) {
    if (!options_.instead.empty()) return speakPlain(fd);
    const std::unique_ptr<SSL, OpensslDeleter<SSL_free>> ssl(SSL_new(context_));
    SSL_set_fd(ssl.get(), fd);
    if (SSL_accept(ssl.get()) != 1) return;
    ++handshakes;
    TlsPeer peer(ssl.get());
    Seen request;
    request.connection = number;
    describe(ssl.get(), request);
    while (!peer.hangs_up) {
        request.head = peer.readUntil("\r\n\r\n");
        if (!request.head.ends_with("\r\n\r\n")) return;
        {
            std::lock_guard hold(seen_lock_);
            seen_.push_back(request);
        }
        script_(peer, request);
    }
}

}  // namespace turnpike::proxy::test
