#include "measure/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "draw_normal.h"

namespace turnpike::measure {
namespace {

TEST(Bootstrap, GivesTheIntervalOfTheTextbookForAMean) {
    // Mean 5, standard deviation sqrt(2.5), so 5 +- 2.776 * sqrt(2.5 / 5).
    Draws draws(5, 1, 200'000);
    Estimate estimate = meanOverBlocks(draws, std::vector<double>{3, 4, 5, 6, 7});
    EXPECT_DOUBLE_EQ(estimate.value, 5);
    EXPECT_NEAR(estimate.low, 5 - 1.963, 0.01);
    EXPECT_NEAR(estimate.high, 5 + 1.963, 0.01);
    EXPECT_EQ(estimate.n, 5u);
}

TEST(Bootstrap, SaysTheSameForTheSameSeed) {
    std::vector<double> values{1, 2, 4, 8, 16, 32};
    Estimate first = meanOverBlocks(Draws(6, 9), values), again = meanOverBlocks(Draws(6, 9), values);
    EXPECT_EQ(first.low, again.low);
    EXPECT_EQ(first.high, again.high);
    EXPECT_NE(first.low, meanOverBlocks(Draws(6, 10), values).low);
}

TEST(Bootstrap, KnowsNothingFromFewerThanTwoBlocks) {
    EXPECT_FALSE(meanOverBlocks(Draws(1, 1), std::vector<double>{3}).isKnown());
    EXPECT_FALSE(meanOverBlocks(Draws(0, 1), {}).isKnown());
    EXPECT_FALSE(meanOverBlocks(Draws(1, 1), std::vector<double>{3}).excludes(0));
}

TEST(Bootstrap, LeavesOutDrawsThatDoNotSuffice) {
    auto unlessAllTheSame = [](std::span<const uint32_t> blocks) {
        for (uint32_t block : blocks)
            if (block != blocks[0]) return 1.0;
        return std::numeric_limits<double>::quiet_NaN();
    };
    Estimate estimate = overBlocks(Draws(3, 1), unlessAllTheSame);
    EXPECT_TRUE(estimate.isKnown());
    EXPECT_DOUBLE_EQ(estimate.low, 1);
    EXPECT_DOUBLE_EQ(estimate.high, 1);
}

TEST(Bootstrap, HasNoEstimateOfWhatIsNotANumber) {
    Statistic nothing = [](std::span<const uint32_t>) { return std::numeric_limits<double>::quiet_NaN(); };
    EXPECT_FALSE(overBlocks(Draws(6, 1), nothing).isKnown());
}

/// Blocks that differ by 10 % from each other, and their partners, slower by `factor`, with noise of 1 %.
struct Pairs {
    std::vector<double> before, after;
    Pairs(double factor, size_t blocks, uint64_t seed) {
        Random random(seed);
        for (size_t i = 0; i < blocks; ++i) {
            double block = 50 * std::exp(0.1 * drawNormal(random));
            before.push_back(block * std::exp(0.01 * drawNormal(random)));
            after.push_back(factor * block * std::exp(0.01 * drawNormal(random)));
        }
    }
};

TEST(PairedRatio, FindsAnEffectThatIsSmallerThanWhatBlocksDifferBy) {
    Pairs pairs(1.05, 10, 4);
    Draws draws(10, 1);
    Estimate paired = pairedRatio(draws, pairs.before, pairs.after);
    EXPECT_TRUE(paired.excludes(1));
    EXPECT_LT(paired.low, 1.05);
    EXPECT_GT(paired.high, 1.05);
    EXPECT_FALSE(unpairedRatio(draws, pairs.before, Draws(10, 2), pairs.after).excludes(1));
}

TEST(PairedRatio, FindsNoEffectWhereThereIsNone) {
    Pairs pairs(1, 10, 4);
    EXPECT_FALSE(pairedRatio(Draws(10, 1), pairs.before, pairs.after).excludes(1));
}

TEST(PairedRatio, OfTheOtherWayRoundIsItsInverse) {
    Pairs pairs(1.3, 8, 5);
    Draws draws(8, 1);
    Estimate there = pairedRatio(draws, pairs.before, pairs.after);
    Estimate back = pairedRatio(draws, pairs.after, pairs.before);
    EXPECT_NEAR(back.value, 1 / there.value, 1e-12);
    EXPECT_NEAR(back.low, 1 / there.high, 1e-12);
}

TEST(UnpairedRatio, FindsALargeEffectBetweenDifferentNumbersOfBlocks) {
    Pairs slow(1, 6, 6), fast(1, 10, 7);
    for (double& value : slow.before) value *= 2;
    Estimate ratio = unpairedRatio(Draws(10, 1), fast.before, Draws(6, 2), slow.before);
    EXPECT_TRUE(ratio.excludes(1));
    EXPECT_LT(ratio.low, 2);
    EXPECT_GT(ratio.high, 2);
    EXPECT_EQ(ratio.n, 6u);
}

TEST(StudentQuantile, IsThatOfTheTables) {
    EXPECT_DOUBLE_EQ(studentQuantile(5), 2.571);
    EXPECT_DOUBLE_EQ(studentQuantile(5.9), 2.571);
    EXPECT_DOUBLE_EQ(studentQuantile(9), 2.262);
    EXPECT_DOUBLE_EQ(studentQuantile(0.2), 12.706);
    EXPECT_NEAR(studentQuantile(60), 2.000, 0.003);
    EXPECT_NEAR(studentQuantile(1e6), 1.960, 0.001);
}

}  // namespace
}  // namespace turnpike::measure
