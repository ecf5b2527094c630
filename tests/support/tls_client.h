// tls_client.h - a client that speaks TLS by OpenSSL, as an RawClient in all else, and tells what was agreed on.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/raw_client.h"

namespace turnpike {

struct SessionDeleter {
    void operator()(SSL_SESSION* session) const;
};
using Session = std::unique_ptr<SSL_SESSION, SessionDeleter>;

class TlsClient final : public RawClient {
 public:
    struct Options {
        std::string server_name = "localhost";    // empty: none is named
        int least_version = 0, most_version = 0;  // TLS1_2_VERSION ...; 0: any
        std::string ciphers;                      // of TLS 1.2, also weak ones; empty: the usual ones
        std::vector<std::string> protocols;       // of ALPN
        std::string certificate, key;             // PEM files
        SSL_SESSION* session = nullptr;           // to be resumed
        bool asks_staple = false;
    };

    /// Shakes hands at once; whoever the server is, it is believed.
    explicit TlsClient(uint16_t port) : TlsClient(port, Options()) {}
    TlsClient(uint16_t port, Options options);
    ~TlsClient() override;

    bool isOpen() const { return open_; }
    /// Why it is not open, or what the server said last: "tlsv1 alert protocol version".
    const std::string& fault() const { return fault_; }
    std::string version() const;
    std::string cipher() const;
    std::string protocol() const;
    /// The common name of the server's certificate.
    std::string subject() const;
    bool wasResumed() const;
    std::string staple() const;
    /// What the server gave to come back with; TLS 1.3 sends it with or after the first answer. Null: nothing
    /// came.
    Session session() const;
    /// Asks for another handshake on the same connection (TLS 1.2); false: refused.
    bool renegotiates();
    /// New keys for both sides (TLS 1.3).
    bool updatesKeys();
    /// The server ended the stream in an orderly way.
    bool wasToldTheEnd() const;
    void sayGoodbye();

    bool send(std::string_view bytes) override;
    /// Sends and reads as either is possible, until all was sent and what came ends so; all that came.
    std::string converse(std::string_view bytes, std::string_view end);

 protected:
    bool read(char* to, size_t size, int ms, ssize_t* got) override;

 private:
    static int keepSession(SSL* ssl, SSL_SESSION* session);

    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    bool open_ = false;
    std::string fault_;
    Session session_;
};

}  // namespace turnpike
