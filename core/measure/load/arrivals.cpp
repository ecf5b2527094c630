#include "measure/load/arrivals.h"

#include <cmath>

namespace turnpike::measure {

Schedule::Schedule(Arrivals arrivals, double rate, uint64_t seed)
    : arrivals_(arrivals), gap_ns_(1e9 / rate), random_(seed) {}

uint64_t Schedule::next() {
    if (arrivals_ == Arrivals::Constant) return static_cast<uint64_t>(static_cast<double>(count_++) * gap_ns_);
    // Not std::exponential_distribution: every library draws that in its own way.
    double uniform = static_cast<double>(random_() >> 11) * 0x1p-53;  // [0, 1)
    at_ns_ -= std::log1p(-uniform) * gap_ns_;
    return static_cast<uint64_t>(at_ns_);
}

}  // namespace turnpike::measure
