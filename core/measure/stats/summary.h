// summary.h - one number for several. Pure; the order of the values does not matter. An empty list gives 0, but
// whoever asks for the middle of nothing should say instead that it was not measured.
#pragma once
#include <span>
#include <vector>

namespace turnpike::measure {

double mean(std::span<const double> values);
/// The value below which `share` (0 to 1) of the values lie, interpolated between neighbours (Hyndman and Fan's
/// type 7).
double quantile(std::vector<double> values, double share);
double median(std::vector<double> values);
/// The median of the distances from the median: a spread that an outlier cannot move. Times 1.4826 it estimates
/// the standard deviation of a normal distribution.
double medianDeviation(const std::vector<double>& values);
/// Of values above 0.
double geometricMean(std::span<const double> values);
/// The value met most often when each is rounded to a multiple of `step`; the least of several.
double mode(std::span<const double> values, double step);

}  // namespace turnpike::measure
