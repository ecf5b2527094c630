// ecdf.h - the distribution of latencies over several trials, with a band that says how sure it is. Pure.
#pragma once
#include <span>
#include <vector>

#include "base/histogram.h"
#include "measure/stats/bootstrap.h"
#include "measure/stats/estimate.h"

namespace turnpike::measure {

/// One point of the curve: `percent` of all requests took no longer than `value`.
struct EcdfPoint {
    double percent = 0;
    Estimate value;  // the mean over blocks of their percentiles, in the histogram's unit
};

/// The curve through `percents`, from one histogram for each block of `draws`. Percentiles are taken in each block
/// and then averaged, so that a block that was slow as a whole widens the band and does not pass for a tail.
std::vector<EcdfPoint> ecdf(const Draws& draws, std::span<const Histogram* const> blocks,
                            std::span<const double> percents);

}  // namespace turnpike::measure
