// scale.h - where values lie on a line of pixels, and which of them are worth a tick. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnpike::measure::report {

class Scale {
 public:
    enum class Kind : uint8_t { Linear, Logarithmic };

    /// `low` lies at pixel `from`, `high` at `to`; a logarithmic scale has both above 0. Equal ends are drawn
    /// apart.
    Scale(Kind kind, double low, double high, double from, double to);

    /// The pixel; values beyond an end lie at that end.
    double at(double value) const;
    double low() const { return low_; }
    double high() const { return high_; }
    /// Round values within the scale, ascending, at most `most` (2 or more) of them.
    std::vector<double> ticks(size_t most) const;

 private:
    double position(double value) const;

    Kind kind_;
    double low_, high_, from_, to_;
};

/// Multiples of 1, 2 or 5 times a power of ten, 0 included, within the two.
std::vector<double> linearTicks(double low, double high, size_t most);
/// Powers of ten, and where there is room twice and five times them; for a span that holds fewer than two of them
/// linear ones.
std::vector<double> logarithmicTicks(double low, double high, size_t most);
/// The least round value that is not below `value`: where an axis ends.
double roundUp(double value);

}  // namespace turnpike::measure::report
