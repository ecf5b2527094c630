// pool_rules.h - how requests wait for backends and what is asked of a backend, as the keys of key_reader.h say.
// Immutable once it is set up.
#pragma once
#include <cstddef>
#include <cstdint>

namespace turnpike::gateway {

struct PoolRules {
    size_t queue = 512;
    uint64_t queue_ms = 0, outage_ms = 0, connect_ms = 2000, first_byte_ms = 0, gap_ms = 0;
    uint64_t fail_window_ms = 10'000, fail_pause_ms = 5000;
    size_t max_fails = 3;
    bool keep = true;
};

}  // namespace turnpike::gateway
