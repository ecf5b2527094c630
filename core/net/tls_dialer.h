// tls_dialer.h - how this server speaks TLS as the client of another one: whom it believes, what it shows of
// itself, and the sessions that it comes back with. Made at start-up. One thread; it outlives its connections'
// handshakes.
#pragma once
#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_identity.h"
#include "net/tls_transport.h"

namespace turnpike::net {

struct TlsDialSettings {
    /// Whom the certificate must be for: a name, by which the server is told as well (SNI, RFC 6066 3), or a
    /// numeric address.
    std::string_view server_name;
    X509_STORE* trust = nullptr;        // null: whoever answers is believed
    std::string_view certificate, key;  // PEM, for servers that ask; empty: none
    std::string_view protocol;          // of ALPN; empty: none is named
};

class TlsDialer {
 public:
    /// Null with *fault set: a file cannot be used (named as in TlsDialSettings).
    static std::unique_ptr<TlsDialer> make(const TlsDialSettings& settings, TlsFault* fault);
    ~TlsDialer();
    TlsDialer(const TlsDialer&) = delete;
    TlsDialer& operator=(const TlsDialer&) = delete;

    /// The connection owns `fd`, a socket that leads, or will lead, to `address`.
    std::unique_ptr<TlsTransport> dial(int fd, const std::string& address, TlsScratch& scratch);

 private:
    struct SessionDeleter {
        void operator()(SSL_SESSION* session) const;
    };
    using Session = std::unique_ptr<SSL_SESSION, SessionDeleter>;

    explicit TlsDialer(const TlsDialSettings& settings);
    bool setUp(const TlsDialSettings& settings, TlsFault* fault);
    bool setName();
    bool setProtocol(std::string_view protocol);
    static int onSession(SSL* ssl, SSL_SESSION* session);
    static int onVerify(int is_good, X509_STORE_CTX* checked);

    std::string name_;
    bool is_address_;
    SSL_CTX* context_ = nullptr;
    std::map<std::string, Session, std::less<>> sessions_;  // the newest of each address
};

}  // namespace turnpike::net
