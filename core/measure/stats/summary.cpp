#include "measure/stats/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

namespace turnpike::measure {

double mean(std::span<const double> values) {
    if (values.empty()) return 0;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1);
    auto below = static_cast<size_t>(place);
    size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double medianDeviation(const std::vector<double>& values) {
    double middle = median(values);
    std::vector<double> distances;
    distances.reserve(values.size());
    for (double value : values) distances.push_back(std::abs(value - middle));
    return median(std::move(distances));
}

double geometricMean(std::span<const double> values) {
    if (values.empty()) return 0;
    double sum = 0;
    for (double value : values) sum += std::log(value);
    return std::exp(sum / static_cast<double>(values.size()));
}

double mode(std::span<const double> values, double step) {
    std::map<int64_t, size_t> met;
    for (double value : values) ++met[std::llround(value / step)];
    auto most =
        std::max_element(met.begin(), met.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == met.end() ? 0 : static_cast<double>(most->first) * step;
}

}  // namespace turnpike::measure
