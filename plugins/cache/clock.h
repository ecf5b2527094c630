// clock.h - the moment, as the host's received_ns counts.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>

#include "sdk/plugin.h"

namespace turnpike::cache {

/// Never before the request came.
inline uint64_t nowFor(const tp_request_view& view) {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::max(view.received_ns,
                    static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()));
}

}  // namespace turnpike::cache
