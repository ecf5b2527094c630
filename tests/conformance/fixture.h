// fixture.h - one site that reaches the same programs by CGI and by FastCGI, and PHP by php-fpm, php-cgi and
// embedded.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::conformance {

/// A way to the program: the same URL path below another folder.
struct Way {
    std::string name, folder;
};

class Gateways {
 public:
    /// `keys` of the site, and routes before all others.
    explicit Gateways(const std::string& keys = "", const std::string& routes = "");

    uint16_t port() const { return server_->port(); }
    ServerProcess& server() { return *server_; }
    const std::string& root() const { return folder_.path(); }
    bool hasIpv6() const { return has_ipv6_; }
    const std::vector<Way>& programs() const { return programs_; }  // cgi, fastcgi
    const std::vector<Way>& php() const { return php_; }            // php-fpm, php-cgi and php, where there

 private:
    TempFolder folder_;
    bool has_ipv6_;
    std::vector<Way> programs_, php_;
    std::unique_ptr<ServerProcess> server_;
};

}  // namespace turnpike::conformance
