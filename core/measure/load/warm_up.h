// warm_up.h - when a server has warmed up. Pure.
#pragma once
#include <cstdint>
#include <vector>

namespace turnpike::measure {

inline constexpr uint64_t kWarmUpWindowNs = 500'000'000;

/// Whether the last three of `medians` (of latency, one for each window of kWarmUpWindowNs) lie within 2 %: the
/// largest is at most 1.02 times the smallest. A window without an answer has the median 0 and is never steady.
bool isSteady(const std::vector<uint64_t>& medians);

}  // namespace turnpike::measure
