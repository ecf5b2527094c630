// rules.h - how requests are handed to backends, as the keys of a plugin say. Immutable once it is set up.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sdk/gateway/gateway.h"

namespace turnpike::fastcgi {

enum class Balance : uint8_t { RoundRobin, LeastLoaded };

struct Rules {
    Balance balance = Balance::RoundRobin;
    /// The path must name an existing PHP script below the site's root; other requests are declined.
    bool only_scripts = false;
    std::vector<std::string> index;  // the site's index files that are PHP scripts
    gateway::Pairs params;           // win over Turnpike's own
    size_t queue = 512;
    uint64_t queue_ms = 0, outage_ms = 0, connect_ms = 2000, first_byte_ms = 0, gap_ms = 0;
    uint64_t fail_window_ms = 10'000, fail_pause_ms = 5000;
    size_t max_fails = 3;
    bool keep = true, stream_body = false, pass_authorization = true;
};

}  // namespace turnpike::fastcgi
