// lanes.h - the lanes of one connection to a backend. Over a socket there is one. Over shared memory others may be
// opened, for requests that wait with the program while it answers the one before. Loop thread only; owned by its
// Backend.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "sdk/fastcgi/connection.h"

namespace turnpike::fastcgi {

struct Lanes {
    /// With a program that answers requests this fast another one may wait: it begins sooner there than after the
    /// worker was woken, and is taken back when it has waited for so long.
    static constexpr uint64_t kQuickNs = 1'000'000;

    std::vector<std::unique_ptr<Connection>> all;
    size_t taken = 0;          // have a request, or are meant for one
    uint64_t began_ns = 0;     // when the program began the request that it answers, as far as the worker knows
    uint64_t rests_since = 0;  // when the last request ended, in milliseconds
    bool may_grow = true;      // there may be more lanes
    bool is_quick = false;     // the last request was answered in less than kQuickNs
    bool is_retired = false;   // takes none any more, and closes with the last that it has

    bool mayWait() const { return taken > 0 && is_quick && !is_retired && (may_grow || taken < all.size()); }
    /// Whether it is worth knowing how long a request takes.
    bool isTimed() const { return may_grow || all.size() > 1; }
    /// An open one without a request, or null.
    Connection* free() const {
        for (const auto& lane : all)
            if (lane->isFree()) return lane.get();
        return nullptr;
    }
};

}  // namespace turnpike::fastcgi
