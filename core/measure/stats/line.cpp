#include "measure/stats/line.h"

#include <limits>

#include "base/assert.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What a least-squares line needs of its points: sums, which add up over blocks.
struct Sums {
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;

    void add(double at, double value) {
        n += 1;
        x += at;
        y += value;
        xx += at * at;
        xy += at * value;
        yy += value * value;
    }
    void add(const Sums& other) {
        n += other.n;
        x += other.x;
        y += other.y;
        xx += other.xx;
        xy += other.xy;
        yy += other.yy;
    }
    Fit fit() const {
        double width = n * xx - x * x, height = n * yy - y * y, both = n * xy - x * y;
        if (!(width > 0)) return {kNone, kNone, kNone};
        double slope = both / width;
        return {slope, (y - slope * x) / n, height > 0 ? both * both / (width * height) : 1};
    }
};

std::vector<Sums> sumsOfBlocks(std::span<const double> x, const Grid& grid, size_t blocks) {
    std::vector<Sums> sums(blocks);
    for (size_t i = 0; i < x.size(); ++i)
        for (size_t block = 0; block < blocks; ++block)
            if (grid[i][block]) sums[block].add(x[i], *grid[i][block]);
    return sums;
}

double rSquaredOfMedians(std::span<const double> x, const Grid& grid) {
    std::vector<double> at, middle;
    for (size_t i = 0; i < x.size(); ++i) {
        std::vector<double> values;
        for (const std::optional<double>& value : grid[i])
            if (value) values.push_back(*value);
        if (values.empty()) continue;
        at.push_back(x[i]);
        middle.push_back(median(std::move(values)));
    }
    return fitLine(at, middle).r_squared;
}

}  // namespace

Fit fitLine(std::span<const double> x, std::span<const double> y) {
    TP_ASSERT(x.size() == y.size());
    Sums sums;
    for (size_t i = 0; i < x.size(); ++i) sums.add(x[i], y[i]);
    return sums.fit();
}

FitOverBlocks fitOverBlocks(const Draws& draws, std::span<const double> x, const Grid& grid) {
    TP_ASSERT(grid.size() == x.size());
    std::vector<Sums> blocks = sumsOfBlocks(x, grid, draws.blocks());
    auto fit = [&blocks](std::span<const uint32_t> picks) {
        Sums sums;
        for (uint32_t block : picks) sums.add(blocks[block]);
        return sums.fit();
    };
    return {overBlocks(draws, [&](auto picks) { return fit(picks).slope; }),
            overBlocks(draws, [&](auto picks) { return fit(picks).intercept; }), rSquaredOfMedians(x, grid)};
}

}  // namespace turnpike::measure
