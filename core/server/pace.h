// pace.h - whether a client is too slow: with what it takes of its answers, and with the body of its request. The
// same for every protocol. Loop thread only.
#pragma once
#include <cstdint>
#include <string_view>
#include <utility>

#include "config/snapshot.h"

namespace turnpike::server {

/// A client that takes nothing, or after a second look hardly anything, would hold its answer for ever. Looked at
/// first firstLookMs() after it began to keep its answer waiting, then every limits.write.
class WritePace {
 public:
    static uint64_t firstLookMs(const config::Limits& limits) { return limits.write_ms / 2 + 1; }
    void begin() { since_ns_ = 0; }
    /// `taken`: how much the client has taken by now. What is wrong with it, for the log; empty: nothing.
    std::string_view look(uint64_t now_ns, uint64_t taken, const config::Limits& limits) {
        if (since_ns_ == 0) {
            // Measured from here on: most clients never get as far.
            since_ns_ = now_ns;
            before_ = last_ = taken;
            return {};
        }
        const uint64_t ms = (now_ns - since_ns_) / 1'000'000;
        if (taken == last_) return "the client takes nothing of its answer (limits.write)";
        if (ms >= 2 * limits.write_ms && taken - before_ < ms * limits.write_rate / 1000)
            return "the client takes its answer slower than limits.write_rate";
        last_ = taken;
        return {};
    }

 private:
    uint64_t since_ns_ = 0, before_ = 0, last_ = 0;
};

/// After a grace period a body must come at a lowest rate; a trickle would hold its request for ever. Only the
/// time counts for which the client was waited for.
class BodyPace {
 public:
    void ask(uint64_t now_ns) { asked_ns_ = now_ns; }
    void give(uint64_t now_ns, uint64_t size) {
        waited_ns_ += now_ns - asked_ns_;
        bytes_ += size;
    }
    /// `held`: bytes that have come and were not given yet.
    bool isTooSlow(uint64_t now_ns, uint64_t held, const config::Limits& limits) const {
        const uint64_t waited_ms = (waited_ns_ + now_ns - asked_ns_) / 1'000'000;
        if (waited_ms <= limits.body_gap_ms) return false;
        return bytes_ + held < (waited_ms - limits.body_gap_ms) * limits.body_rate / 1000;
    }

 private:
    uint64_t asked_ns_ = 0, waited_ns_ = 0, bytes_ = 0;
};

inline constexpr const char* kBodyTooSlow = "the body comes slower than limits.body_rate";
inline constexpr const char* kBodyStopped = "the body stopped coming (limits.body_gap)";

}  // namespace turnpike::server
