// tls_identity.h - a certificate with its key, and whom it lets in: an SSL_CTX that was checked before it is used.
// Made at start-up, read only afterwards. One thread.
#pragma once
#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/ticket_keys.h"

namespace turnpike::net {

/// What the files of a site's TLS hold; empty: there is none.
struct TlsFiles {
    std::string_view certificate, key;  // PEM
    std::string_view ocsp;              // DER
    std::string_view client_ca;         // PEM
    bool client_required = false;
};

struct TlsSettings {
    const TicketKeys* tickets = nullptr;  // null: sessions are not resumed
    bool http2 = false;                   // "h2" is offered
    bool ktls = false;                    // the kernel encrypts what is sent, where it can
};

/// When an OCSP response may be sent, in seconds since 1970.
struct StapleTime {
    int64_t from = 0, until = 0;
};

/// Which file is at fault, by its name in TlsFiles, and how.
struct TlsFault {
    const char* part = "";
    std::string text;
};

class TlsIdentity {
 public:
    /// Null with *fault set when a file cannot be used: not readable as what it should be, a key that is another
    /// certificate's, a certificate that is not valid now.
    static std::shared_ptr<const TlsIdentity> make(const TlsFiles& files, const TlsSettings& settings,
                                                   TlsFault* fault);
    ~TlsIdentity();
    TlsIdentity(const TlsIdentity&) = delete;
    TlsIdentity& operator=(const TlsIdentity&) = delete;

    SSL_CTX* context() const { return context_; }
    const TlsSettings& settings() const { return settings_; }
    /// The end of the certificate, seconds since 1970.
    int64_t validUntil() const { return valid_until_; }
    /// What is stapled, or empty: there is none, or it may not be sent now.
    std::string_view staple() const;
    /// The staple's end is past, or its beginning is not: it is left away.
    bool isStapleStale() const;
    /// A connection that began with another identity goes on with this one.
    bool adopt(SSL* ssl) const;

 private:
    class Maker;
    explicit TlsIdentity(const TlsSettings& settings) : settings_(settings) {}

    TlsSettings settings_;
    SSL_CTX* context_ = nullptr;
    std::string ocsp_;
    int64_t valid_until_ = 0;
    StapleTime staple_time_;
    unsigned char id_[32] = {};  // of the settings: a ticket serves only where they are the same
};

}  // namespace turnpike::net
