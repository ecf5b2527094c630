// tls_upstream.h - an HTTP server under TLS, by OpenSSL and apart from the code under test, that says exactly what
// a test wants, and tells how it was spoken with.
#pragma once
#include <openssl/ssl.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificates.h"
#include "support/listener.h"

namespace turnpike::proxy::test {

/// The connection that a script answers on.
class TlsPeer {
 public:
    explicit TlsPeer(SSL* ssl) : ssl_(ssl) {}
    bool write(std::string_view bytes) const;
    /// Some bytes, empty at the end of what the other side says.
    std::string read() const;
    std::string readUntil(std::string_view end) const;
    std::string readExactly(size_t size) const;
    /// Says (close_notify) that nothing more comes, and reads on.
    void sayGoodbye() const { SSL_shutdown(ssl_); }
    /// Says something that is for TLS alone (TLS 1.3): new keys, which the other side has to answer.
    void changeKeys() const;
    /// While it is held back all that is said leaves in one piece.
    void holdBack(bool is_held) const;
    /// Closes when the script returns, in the orderly way or as a connection that is cut.
    void hangUp(bool is_cut = false) {
        hangs_up = true;
        if (!is_cut) sayGoodbye();
    }
    bool hangs_up = false;

 private:
    SSL* ssl_;
};

class TlsUpstream : public testing::Listener {
 public:
    /// A request as it came, and the connection that it came on.
    struct Seen {
        std::string head;
        unsigned connection = 0;  // counted from 0
        std::string version, server_name, protocol, client;
        bool was_resumed = false;
    };
    struct Options {
        MadeCertificate shown = {};  // with what links it to its authority
        std::string client_ca = {};  // whom clients must be signed by; empty: nobody is asked
        int least_version = TLS1_2_VERSION, most_version = TLS1_3_VERSION;
        /// Instead of a handshake: what is said at once. "(silence)": nothing ever; "(end)": it closes.
        std::string instead = {};
    };
    using Script = std::function<void(TlsPeer&, const Seen&)>;

    /// On a free port of 127.0.0.1. By default each request gets "hello".
    explicit TlsUpstream(Options options, Script script = {});
    ~TlsUpstream() override;

    /// "https://127.0.0.1:..."
    std::string target() const { return "https://" + address(); }
    std::vector<Seen> seen();
    unsigned resumed();

    std::atomic<unsigned> handshakes{0};

 private:
    void serve(int fd, unsigned number) override;
    void speakPlain(int fd) const;

    const Options options_;
    const Script script_;
    SSL_CTX* context_;
    std::mutex seen_lock_;
    std::vector<Seen> seen_;
};

}  // namespace turnpike::proxy::test
