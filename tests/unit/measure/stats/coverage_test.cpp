// Whether "95 %" is true: many experiments with a known truth, and how many of their intervals hold it. The seed
// is fixed, so the figures are always the same; what came out is written beside each expectation.
#include <gtest/gtest.h>

#include <cmath>

#include "draw_normal.h"
#include "measure/stats/bootstrap.h"
#include "measure/stats/line.h"

namespace turnpike::measure {
namespace {

constexpr int kExperiments = 2000;  // standard error of a coverage of 95 %: 0.5 %
constexpr size_t kFewDraws = 2000;  // they know the standard error to 2 %, and take a fifth of the time

double normal(Random& random) { return drawNormal(random); }
/// One block in ten is disturbed five times as much as the others.
double disturbed(Random& random) { return drawNormal(random) * (random.below(10) == 0 ? 5 : 1); }
/// Long tail upwards, mean 0.
double skewed(Random& random) { return std::exp(0.5 * drawNormal(random)) - std::exp(0.125); }

/// The share of experiments whose interval of a paired ratio of 1.1 holds 1.1.
double coverage(size_t blocks, double (*noise)(Random&)) {
    Random random(2026);
    Draws draws(blocks, 1, kFewDraws);
    int held = 0;
    for (int i = 0; i < kExperiments; ++i) {
        std::vector<double> before(blocks, 40.0), after(blocks);
        for (double& value : after) value = 44 * std::exp(0.02 * noise(random));
        Estimate ratio = pairedRatio(draws, before, after);
        held += ratio.low <= 1.1 && 1.1 <= ratio.high;
    }
    return held / double{kExperiments};
}

TEST(Coverage, IsHonestWithTheFewestBlocks) {
    EXPECT_NEAR(coverage(6, normal), 0.95, 0.01);      // 94.5 %
    EXPECT_NEAR(coverage(6, disturbed), 0.95, 0.015);  // 95.5 %
}

TEST(Coverage, IsHonestWithTenBlocks) {
    EXPECT_NEAR(coverage(10, normal), 0.95, 0.01);     // 95.2 %
    EXPECT_NEAR(coverage(10, disturbed), 0.95, 0.02);  // 96.3 %
}

TEST(Coverage, FallsByAFewPerCentWhenBlocksAreSkewed) {
    EXPECT_NEAR(coverage(6, skewed), 0.92, 0.015);   // 91.6 %
    EXPECT_NEAR(coverage(10, skewed), 0.92, 0.015);  // 92.5 %
}

TEST(Coverage, HoldsForRunsThatWereNotMeasuredTogether) {
    Random random(7);
    Draws six(6, 1, kFewDraws), ten(10, 2, kFewDraws);
    int held = 0;
    for (int i = 0; i < kExperiments; ++i) {
        std::vector<double> before(6), after(10);
        for (double& value : before) value = 40 * std::exp(0.02 * drawNormal(random));
        for (double& value : after) value = 44 * std::exp(0.06 * drawNormal(random));
        Estimate ratio = unpairedRatio(six, before, ten, after);
        held += ratio.low <= 1.1 && 1.1 <= ratio.high;
    }
    EXPECT_NEAR(held / double{kExperiments}, 0.95, 0.01);  // 95.5 %
}

TEST(Coverage, HoldsForTheSlopeAndInterceptOfALine) {
    constexpr size_t kBlocks = 6;
    std::vector<double> x{0, 1, 5, 20, 50};
    Random random(11);
    Draws draws(kBlocks, 3, kFewDraws);
    int slopes = 0, intercepts = 0;
    for (int i = 0; i < kExperiments; ++i) {
        Grid grid(x.size(), std::vector<std::optional<double>>(kBlocks));
        for (size_t block = 0; block < kBlocks; ++block) {
            double shift = 10 * drawNormal(random);  // the block as a whole
            for (size_t at = 0; at < x.size(); ++at)
                grid[at][block] = 300 + 40 * x[at] + shift + 5 * drawNormal(random);
        }
        FitOverBlocks fit = fitOverBlocks(draws, x, grid);
        slopes += fit.slope.low <= 40 && 40 <= fit.slope.high;
        intercepts += fit.intercept.low <= 300 && 300 <= fit.intercept.high;
    }
    EXPECT_NEAR(slopes / double{kExperiments}, 0.95, 0.01);      // 94.6 %
    EXPECT_NEAR(intercepts / double{kExperiments}, 0.95, 0.01);  // 94.8 %
}

}  // namespace
}  // namespace turnpike::measure
