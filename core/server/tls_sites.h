// tls_sites.h - the certificates of a snapshot's sites, checked and ready, and which site a client gets by the
// name that it asks for. One worker; made before the first request.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/tls_server.h"
#include "server/site.h"

namespace turnpike::server {

class TlsSites {
 public:
    /// Gives each site of `sites` its identity. What is wrong with a file goes to `problems`.
    TlsSites(SiteTable& sites, const net::TlsSettings& settings, std::vector<config::Problem>& problems);

    /// There are certificates, and all of them are good.
    bool isOn() const { return server_ != nullptr; }
    net::TlsServer& server() { return *server_; }
    /// What will be wrong soon or is left away, one line each.
    void warn(const std::function<void(const std::string&)>& tell) const;

 private:
    const net::TlsIdentity* choose(std::string_view name) const;
    const net::TlsIdentity* identityFor(const config::Tls& tls, std::vector<config::Problem>& problems);

    struct Made {
        const config::Tls* from;
        std::shared_ptr<const net::TlsIdentity> identity;
    };
    SiteTable& sites_;
    net::TlsSettings settings_;
    bool lacks_kernel_ = false;
    std::vector<Made> made_;
    std::unique_ptr<net::TlsServer> server_;
};

/// What stands behind the host in a URL that leads to the server's TLS listener: ":8443", or nothing for 443.
std::string httpsPort(const config::Server& server);

}  // namespace turnpike::server
