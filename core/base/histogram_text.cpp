#include "base/histogram_text.h"

#include <algorithm>
#include <cmath>

#include "base/print.h"

namespace turnpike {
namespace {

constexpr double kStepsPerHalf = 5;

/// The percentile (0 to 100) that is shown after `percent`.
double stepAfter(double percent) {
    double halves = std::floor(std::log2(100 / (100 - percent))) + 1;
    return percent + 100 / (kStepsPerHalf * std::exp2(halves));
}

std::string row(double value, double percent, uint64_t seen) {
    std::string text = print("%12.3f %2.12f %10llu", value, percent / 100, static_cast<unsigned long long>(seen));
    if (percent < 100) text += print(" %14.2f", 100 / (100 - percent));
    return text + "\n";
}

std::string rows(const Histogram& histogram, double unit) {
    std::string text;
    uint64_t seen = 0;
    double percent = 0;
    for (const Histogram::Bucket& bucket : histogram.content().buckets) {
        seen += bucket.count;
        double share = 100 * static_cast<double>(seen) / static_cast<double>(histogram.count());
        uint64_t value = std::min(Histogram::endOf(bucket.index), histogram.largest());
        while (share >= percent) {
            text += row(static_cast<double>(value) / unit, percent, seen);
            if (seen == histogram.count()) break;  // the steps to 100 % have no end
            percent = stepAfter(percent);
        }
    }
    if (seen == 0) return text;
    return text + row(static_cast<double>(histogram.largest()) / unit, 100, seen);
}

}  // namespace

std::string hgrm(const Histogram& histogram, double unit) {
    return print("%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)") +
           rows(histogram, unit) +
           print("#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram.mean() / unit,
                 histogram.deviation() / unit) +
           print("#[Max     = %12.3f, Total count    = %12llu]\n", static_cast<double>(histogram.largest()) / unit,
                 static_cast<unsigned long long>(histogram.count()));
}

}  // namespace turnpike
