// target.h - which script a request is for, and the variables that the backend gets. Loop thread only.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/fastcgi/exchange.h"
#include "sdk/fastcgi/rules.h"
#include "sdk/fastcgi/services.h"
#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

class Target {
 public:
    Target(const Services& services, const Rules& rules) : services_(services), rules_(rules) {}

    /// False: not for this backend. With preset php-fpm a script was found below the root within the last second.
    bool resolve(Exchange& exchange);
    /// BEGIN_REQUEST and PARAMS at the end of exchange.outbound.head(); `length`: of the body.
    void encode(Exchange& exchange, uint64_t length);

 private:
    // Looking a script up costs three system calls; the answer is kept this long. PHP looks again by itself.
    static constexpr uint64_t kKeepNs = 1'000'000'000;
    struct Found {
        std::string path;
        uint64_t until_ns = 0;
        gateway::Script script;
    };

    bool resolvePhp(Exchange& exchange);
    bool find(Exchange& exchange, std::string_view path) const;

    const Services& services_;
    const Rules& rules_;
    const std::vector<std::string> suffixes_ = {".php"};
    std::array<Found, 64> found_;
    gateway::Variables variables_;
};

}  // namespace turnpike::fastcgi
