// limit_key.h - whom a limit counts a request to: "address", "path", "site", "header:NAME", "cookie:NAME", or
// several joined by "+". Never changed after configure().
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::access {

class LimitKey {
 public:
    /// `ipv4_bits`, `ipv6_bits`: how much of an address is one client. Throws Refused.
    LimitKey(std::string_view rule, unsigned ipv4_bits, unsigned ipv6_bits);

    /// The bytes that a client is known by. Whoever comes without the field or cookie is known by the address, so
    /// that leaving it out wins nothing.
    std::string of(const tp_request_view& view) const;

 private:
    enum class Kind : char { Address = 'a', Path = 'p', Site = 's', Header = 'h', Cookie = 'c' };
    struct Part {
        Kind kind;
        std::string name;  // of the field in lower case, or of the cookie
    };
    static Part parse(std::string_view word);
    void appendAddress(std::string& to, std::string_view address) const;

    std::vector<Part> parts_;
    unsigned ipv4_bits_, ipv6_bits_;
};

}  // namespace turnpike::access
