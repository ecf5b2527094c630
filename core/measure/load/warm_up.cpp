#include "measure/load/warm_up.h"

#include <algorithm>

namespace turnpike::measure {

bool isSteady(const std::vector<uint64_t>& medians) {
    constexpr std::ptrdiff_t kWindows = 3;
    constexpr double kSpread = 1.02;
    if (std::ssize(medians) < kWindows) return false;
    auto [least, most] = std::minmax_element(medians.end() - kWindows, medians.end());
    return *least > 0 && static_cast<double>(*most) <= static_cast<double>(*least) * kSpread;
}

}  // namespace turnpike::measure
