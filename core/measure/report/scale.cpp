#include "measure/report/scale.h"

#include <algorithm>
#include <cmath>

namespace turnpike::measure::report {
namespace {

constexpr double kRounding = 1e-9;  // of a step: what computing multiples may be off by

/// The least of 1, 2, 5, 10 times a power of ten that is not below `value`.
double roundStep(double value) {
    double power = std::pow(10, std::floor(std::log10(value)));
    for (double factor : {1.0, 2.0, 5.0})
        if (factor * power >= value * (1 - kRounding)) return factor * power;
    return 10 * power;
}

/// All of `factors` times powers of ten within the two.
std::vector<double> multiples(double low, double high, const std::vector<double>& factors) {
    std::vector<double> ticks;
    const int last = static_cast<int>(std::ceil(std::log10(high)));
    for (int exponent = static_cast<int>(std::floor(std::log10(low))); exponent <= last; ++exponent)
        for (double factor : factors) {
            double tick = factor * std::pow(10, exponent);
            if (tick >= low * (1 - kRounding) && tick <= high * (1 + kRounding)) ticks.push_back(tick);
        }
    return ticks;
}

}  // namespace

Scale::Scale(Kind kind, double low, double high, double from, double to)
    : kind_(kind), low_(low), high_(high), from_(from), to_(to) {
    constexpr double kWidest =
        1e9;  // a logarithmic axis that would begin at nothing begins that far below its end
    if (kind == Kind::Logarithmic && high_ <= 0) low_ = high_ = 1;
    if (kind == Kind::Logarithmic && low_ <= 0) low_ = high_ / kWidest;
    if (high_ > low_) return;
    double apart = kind == Kind::Logarithmic ? low_ * 0.1 : std::max(std::abs(low_) * 0.1, 1.0);
    low_ -= apart;
    high_ += apart;
}

double Scale::position(double value) const {
    if (kind_ == Kind::Linear) return (value - low_) / (high_ - low_);
    return std::log(value / low_) / std::log(high_ / low_);
}

double Scale::at(double value) const { return from_ + (to_ - from_) * position(std::clamp(value, low_, high_)); }

std::vector<double> Scale::ticks(size_t most) const {
    return kind_ == Kind::Linear ? linearTicks(low_, high_, most) : logarithmicTicks(low_, high_, most);
}

std::vector<double> linearTicks(double low, double high, size_t most) {
    double step = roundStep((high - low) / static_cast<double>(std::max<size_t>(most, 2) - 1));
    std::vector<double> ticks;
    const double first = std::ceil(low / step - kRounding);
    const auto count = static_cast<size_t>(std::floor(high / step + kRounding) - first + 1);
    for (size_t i = 0; i < count; ++i) {
        const double n = first + static_cast<double>(i);
        ticks.push_back(n == 0 ? 0 : n * step);  // and not -0
    }
    return ticks;
}

std::vector<double> logarithmicTicks(double low, double high, size_t most) {
    for (const std::vector<double>& factors : {std::vector<double>{1, 2, 5}, {1, 3}, {1}}) {
        std::vector<double> ticks = multiples(low, high, factors);
        if (ticks.size() < 2) return linearTicks(low, high, most);
        if (ticks.size() <= most) return ticks;
    }
    std::vector<double> decades = multiples(low, high, {1});
    size_t every = (decades.size() + most - 1) / most;
    std::vector<double> ticks;
    for (size_t i = 0; i < decades.size(); i += every) ticks.push_back(decades[i]);
    return ticks;
}

double roundUp(double value) {
    if (value <= 0) return 0;
    double power = std::pow(10, std::floor(std::log10(value)));
    for (double factor : {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0})
        if (factor * power >= value * (1 - kRounding)) return factor * power;
    return 10 * power;
}

}  // namespace turnpike::measure::report
