#include "measure/stats/line.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace turnpike::measure {
namespace {

TEST(Line, IsFoundExactlyWhereThereIsOne) {
    Fit fit = fitLine(std::array<double, 4>{0, 50, 200, 1000}, std::array<double, 4>{20, 26, 44, 140});
    EXPECT_NEAR(fit.slope, 0.12, 1e-12);
    EXPECT_NEAR(fit.intercept, 20, 1e-9);
    EXPECT_NEAR(fit.r_squared, 1, 1e-12);
}

TEST(Line, ExplainsWhatTheTextbookSays) {
    // x mean 3, y mean 4; Sxx 10, Sxy 6, Syy 6.
    Fit fit = fitLine(std::array<double, 5>{1, 2, 3, 4, 5}, std::array<double, 5>{2, 4, 5, 4, 5});
    EXPECT_NEAR(fit.slope, 0.6, 1e-12);
    EXPECT_NEAR(fit.intercept, 2.2, 1e-12);
    EXPECT_NEAR(fit.r_squared, 0.6, 1e-12);
}

TEST(Line, NeedsTwoDifferentX) {
    EXPECT_TRUE(std::isnan(fitLine(std::array<double, 2>{3, 3}, std::array<double, 2>{1, 2}).slope));
    EXPECT_TRUE(std::isnan(fitLine({}, {}).slope));
}

const std::vector<double> kX{0, 10, 20};

/// 5 + 2 x, each block shifted as a whole.
Grid shifted(size_t blocks) {
    Grid grid;
    for (double x : kX) {
        grid.emplace_back();
        for (size_t block = 0; block < blocks; ++block)
            grid.back().emplace_back(5 + 2 * x + static_cast<double>(block));
    }
    return grid;
}

TEST(LineOverBlocks, SlopeIsSureWhenOnlyWholeBlocksDiffer) {
    FitOverBlocks fit = fitOverBlocks(Draws(6, 1), kX, shifted(6));
    EXPECT_NEAR(fit.slope.value, 2, 1e-9);
    EXPECT_NEAR(fit.slope.high - fit.slope.low, 0, 1e-6);
    EXPECT_NEAR(fit.intercept.value, 7.5, 1e-9);
    EXPECT_GT(fit.intercept.high - fit.intercept.low, 1);
    EXPECT_NEAR(fit.r_squared, 1, 1e-9);
}

TEST(LineOverBlocks, LivesWithGaps) {
    Grid grid = shifted(6);
    grid[1][2].reset();
    grid[2][5].reset();
    FitOverBlocks fit = fitOverBlocks(Draws(6, 1), kX, grid);
    EXPECT_NEAR(fit.slope.value, 2, 0.2);
    EXPECT_TRUE(fit.slope.excludes(0));
}

TEST(LineOverBlocks, IsNotKnownFromOneX) {
    FitOverBlocks fit = fitOverBlocks(Draws(6, 1), std::vector<double>{4}, {{1, 2, 3, 4, 5, 6}});
    EXPECT_FALSE(fit.slope.isKnown());
    EXPECT_FALSE(fit.intercept.isKnown());
}

}  // namespace
}  // namespace turnpike::measure
