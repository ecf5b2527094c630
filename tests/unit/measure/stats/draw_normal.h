// draw_normal.h - values with a known distribution, to judge the statistics by.
#pragma once
#include <cmath>
#include <numbers>

#include "measure/stats/random.h"

namespace turnpike::measure {

/// Standard normal (Box and Muller).
inline double drawNormal(Random& random) {
    double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
    return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

}  // namespace turnpike::measure
