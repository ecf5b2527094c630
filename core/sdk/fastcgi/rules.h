// rules.h - how requests are handed to backends, as the keys of a plugin say. Immutable once it is set up.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sdk/gateway/gateway.h"
#include "sdk/gateway/pool_rules.h"

namespace turnpike::fastcgi {

enum class Balance : uint8_t { RoundRobin, LeastLoaded };

struct Rules : gateway::PoolRules {
    Balance balance = Balance::RoundRobin;
    /// The path must name an existing PHP script below the site's root; other requests are declined.
    bool only_scripts = false;
    std::vector<std::string> index;  // the site's index files that are PHP scripts
    gateway::Pairs params;           // win over Turnpike's own
    bool sends_interims = true;      // false: its programs write a single head, so that is the answer's own
    bool stream_body = false, pass_authorization = true;
};

}  // namespace turnpike::fastcgi
