// clock.h - the two clocks. Timers and durations use the monotonic one, so that a change of date moves nothing.
#pragma once
#include <cstdint>
#include <ctime>

namespace turnpike {

/// CLOCK_MONOTONIC in nanoseconds: a vDSO read, no crossing (about 20 ns).
inline uint64_t monotonicNs() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

/// CLOCK_REALTIME in milliseconds since 1970.
inline int64_t unixMs() {
    timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return static_cast<int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
}

}  // namespace turnpike
