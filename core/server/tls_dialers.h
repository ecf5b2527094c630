// tls_dialers.h - how plugins speak TLS with other servers, as they declare it while they are configured. One
// thread; it outlives the plugins.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/tls_dialer.h"
#include "net/tls_trust.h"
#include "sdk/tls.h"

/// The opaque description of tls.h.
struct tp_tls {
    std::string server_name, trust, certificate, key, protocol;
    bool is_unverified;
    std::unique_ptr<turnpike::net::TlsDialer> dialer;
};

namespace turnpike::server {

class TlsDialers {
 public:
    /// Null with *why. What is declared alike in several places is one, and so are its sessions.
    tp_tls* add(const tp_tls_spec& spec, std::string* why);

 private:
    bool make(tp_tls& to, std::string* why);
    X509_STORE* trust(const std::string& path, std::string* why);

    std::map<std::string, net::TrustStore, std::less<>> trust_;  // by path; empty: that of this machine
    std::vector<std::unique_ptr<tp_tls>> all_;
};

}  // namespace turnpike::server
