// arrivals.h - when the requests of an open loop are due. Pure.
#pragma once
#include <cstdint>
#include <random>

namespace turnpike::measure {

enum class Arrivals : uint8_t { Closed, Constant, Poisson };

/// The moments at which requests are due, in nanoseconds after the start. The same seed gives the same moments on
/// every machine with the same logarithm.
class Schedule {
 public:
    /// `rate`: requests per second, above 0. `arrivals` is Constant or Poisson.
    Schedule(Arrivals arrivals, double rate, uint64_t seed);

    /// The moment of the next request; never before the last one. Constant: the n-th (from 0) at n/rate, without
    /// drift. Poisson: the gaps are exponential, the first one too.
    uint64_t next();

 private:
    Arrivals arrivals_;
    double gap_ns_;
    std::mt19937_64 random_;
    double at_ns_ = 0;    // Poisson
    uint64_t count_ = 0;  // Constant
};

/// Whether `waiting` requests of all that fell due are a queue that grew all the time, and not the few that happen
/// to be on their way at any moment.
constexpr bool isBacklog(uint64_t waiting, uint64_t all) { return waiting * 100 > all; }

}  // namespace turnpike::measure
