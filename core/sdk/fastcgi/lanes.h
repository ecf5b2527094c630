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
    /// With a program that answers requests this fast another one may wait, and is taken back when it has waited
    /// for so long.
    static constexpr uint64_t kQuickNs = 1'000'000;
    /// What it costs to wake a program that sleeps: nobody is woken for what a busy one begins sooner.
    static constexpr uint64_t kWakeNs = 50'000;

    std::vector<std::unique_ptr<Connection>> all;
    size_t taken = 0;          // have a request, or are meant for one
    uint64_t began_ns = 0;     // when the program began the request that it answers, as far as the worker knows
    uint64_t rests_since = 0;  // when the last request ended, in milliseconds
    bool may_grow = true;      // there may be more lanes
    uint64_t took_ns = 4 * kQuickNs;  // a request, on average of the last ones, as the program tells it
    bool is_retired = false;          // takes none any more, and closes with the last that it has

    bool mayWait(uint64_t now_ns) const {
        return taken > 0 && took_ns < kQuickNs && now_ns - began_ns < kQuickNs && !is_retired &&
               (may_grow || taken < all.size());
    }
    /// A request that is given to it begins sooner than a sleeping program would be awake.
    bool beatsWaking(uint64_t now_ns) const { return taken * took_ns < kWakeNs && mayWait(now_ns); }
    /// A request has ended, after `took`.
    void ended(uint64_t now_ns, uint64_t took) {
        took_ns = (3 * took_ns + took) / 4;
        began_ns = now_ns;
    }
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
