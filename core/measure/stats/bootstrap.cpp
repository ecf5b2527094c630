#include "measure/stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "base/assert.h"
#include "measure/stats/random.h"

namespace turnpike::measure {
namespace {

/// A statistic of all blocks and its standard error.
struct Centre {
    double value = 0, error = 0;
    size_t n = 0;
};

Centre centre(const Draws& draws, const Statistic& statistic) {
    Centre result;
    if (draws.blocks() < 2) return result;
    std::vector<uint32_t> all(draws.blocks());
    std::iota(all.begin(), all.end(), 0u);
    result.value = statistic(all);
    if (!std::isfinite(result.value)) return {};
    double sum = 0, squares = 0, usable = 0;
    for (size_t i = 0; i < draws.count(); ++i) {
        double distance = statistic(draws.at(i)) - result.value;
        if (!std::isfinite(distance)) continue;
        sum += distance;
        squares += distance * distance;
        ++usable;
    }
    if (usable < 2) return {};
    auto n = static_cast<double>(draws.blocks());
    double variance = std::max(0.0, squares / usable - (sum / usable) * (sum / usable));
    result.error = std::sqrt(variance * n / (n - 1));
    result.n = draws.blocks();
    return result;
}

Estimate around(const Centre& centre, double degrees) {
    if (centre.n == 0) return {};
    double half = studentQuantile(degrees) * centre.error;
    return {centre.value, centre.value - half, centre.value + half, centre.n};
}

Estimate exponential(const Estimate& of) {
    if (!of.isKnown()) return {};
    return {std::exp(of.value), std::exp(of.low), std::exp(of.high), of.n};
}

Statistic meanOf(std::span<const double> values) {
    return [values](std::span<const uint32_t> blocks) {
        double sum = 0;
        for (uint32_t block : blocks) sum += values[block];
        return sum / static_cast<double>(blocks.size());
    };
}

std::vector<double> logarithms(std::span<const double> values) {
    std::vector<double> result(values.size());
    std::transform(values.begin(), values.end(), result.begin(), [](double value) { return std::log(value); });
    return result;
}

}  // namespace

Draws::Draws(size_t blocks, uint64_t seed, size_t count)
    : blocks_(blocks), count_(count), indices_(blocks * count) {
    Random random(seed);
    for (uint32_t& index : indices_) index = static_cast<uint32_t>(random.below(blocks_));
}

Estimate overBlocks(const Draws& draws, const Statistic& statistic) {
    return around(centre(draws, statistic), static_cast<double>(draws.blocks()) - 1);
}

Estimate ratioOverBlocks(const Draws& draws, const Statistic& logarithm) {
    return exponential(overBlocks(draws, logarithm));
}

Estimate meanOverBlocks(const Draws& draws, std::span<const double> values) {
    TP_ASSERT(values.size() == draws.blocks());
    return overBlocks(draws, meanOf(values));
}

Estimate pairedRatio(const Draws& draws, std::span<const double> before, std::span<const double> after) {
    TP_ASSERT(before.size() == draws.blocks() && after.size() == draws.blocks());
    std::vector<double> ratios(before.size());
    for (size_t i = 0; i < ratios.size(); ++i) ratios[i] = std::log(after[i] / before[i]);
    return ratioOverBlocks(draws, meanOf(ratios));
}

Estimate unpairedRatio(const Draws& before_draws, std::span<const double> before, const Draws& after_draws,
                       std::span<const double> after) {
    TP_ASSERT(before.size() == before_draws.blocks() && after.size() == after_draws.blocks());
    std::vector<double> log_before = logarithms(before), log_after = logarithms(after);
    Centre a = centre(before_draws, meanOf(log_before)), b = centre(after_draws, meanOf(log_after));
    if (a.n == 0 || b.n == 0) return {};
    double va = a.error * a.error, vb = b.error * b.error;
    double spread = va * va / static_cast<double>(a.n - 1) + vb * vb / static_cast<double>(b.n - 1);
    double degrees = spread > 0 ? (va + vb) * (va + vb) / spread : static_cast<double>(a.n + b.n - 2);
    Centre both{b.value - a.value, std::sqrt(va + vb), std::min(a.n, b.n)};
    return exponential(around(both, degrees));
}

double studentQuantile(double degrees) {
    static constexpr double kTable[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                        2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                        2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    auto whole = static_cast<size_t>(std::max(1.0, degrees));
    if (whole <= std::size(kTable)) return kTable[whole - 1];
    return 1.96 + 2.5 / static_cast<double>(whole);  // to 0.003 of the exact one
}

}  // namespace turnpike::measure
