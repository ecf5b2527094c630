// line.h - straight lines through what was measured at several settings of a number. Pure.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "measure/stats/bootstrap.h"
#include "measure/stats/estimate.h"

namespace turnpike::measure {

/// The least-squares line; r_squared: the share of the variance that it explains, 1 when there is none.
struct Fit {
    double slope = 0, intercept = 0, r_squared = 0;
};

/// x and y are of one length. Fewer than two different x have no line: NaN.
Fit fitLine(std::span<const double> x, std::span<const double> y);

/// One value for each x and block; a trial that does not count leaves a gap.
using Grid = std::vector<std::vector<std::optional<double>>>;  // [x][block]

struct FitOverBlocks {
    Estimate slope, intercept;
    double r_squared = 0;  // of the line through the medians of each x
};

/// grid has one row for each x and one column for each block of `draws`.
FitOverBlocks fitOverBlocks(const Draws& draws, std::span<const double> x, const Grid& grid);

}  // namespace turnpike::measure
