// estimate.h - a number with what is not known about it. Pure data.
#pragma once
#include <cstddef>

namespace turnpike::measure {

/// A value with its 95 % confidence interval over blocks; n: how many blocks it rests on. n == 0: not measured.
struct Estimate {
    double value = 0;
    double low = 0, high = 0;
    size_t n = 0;

    bool isKnown() const { return n > 0; }
    /// Whether the interval lies wholly on one side of `point`.
    bool excludes(double point) const { return isKnown() && (low > point || high < point); }
};

}  // namespace turnpike::measure
