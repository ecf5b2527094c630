#include "measure/stats/summary.h"

#include <gtest/gtest.h>

#include <array>

namespace turnpike::measure {
namespace {

TEST(Summary, TakesTheMiddleWhateverTheOrder) {
    EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
    EXPECT_DOUBLE_EQ(median({4, 1, 3, 2}), 2.5);
    EXPECT_DOUBLE_EQ(median({}), 0);
}

TEST(Summary, InterpolatesQuantiles) {
    std::vector<double> values{10, 20, 30, 40, 50};
    EXPECT_DOUBLE_EQ(quantile(values, 0), 10);
    EXPECT_DOUBLE_EQ(quantile(values, 0.25), 20);
    EXPECT_DOUBLE_EQ(quantile(values, 0.9), 46);
    EXPECT_DOUBLE_EQ(quantile(values, 1), 50);
    EXPECT_DOUBLE_EQ(quantile({7}, 0.9), 7);
}

TEST(Summary, SpreadIsNotMovedByAnOutlier) {
    EXPECT_DOUBLE_EQ(medianDeviation({1, 1, 2, 2, 4, 6, 9}), 1);
    EXPECT_DOUBLE_EQ(medianDeviation({1, 1, 2, 2, 4, 6, 9000}), 1);
}

TEST(Summary, MeansAreThoseOfTheTextbook) {
    std::array<double, 3> values{1, 4, 16};
    EXPECT_DOUBLE_EQ(mean(values), 7);
    EXPECT_DOUBLE_EQ(geometricMean(values), 4);
    EXPECT_DOUBLE_EQ(mean({}), 0);
    EXPECT_DOUBLE_EQ(geometricMean({}), 0);
}

TEST(Summary, ModeIsTheValueMetMostOften) {
    EXPECT_DOUBLE_EQ(mode(std::array<double, 5>{6.004, 7, 5.996, 8, 6}, 0.1), 6);
    EXPECT_DOUBLE_EQ(mode(std::array<double, 4>{2, 1, 2, 1}, 1), 1);
    EXPECT_DOUBLE_EQ(mode({}, 1), 0);
}

}  // namespace
}  // namespace turnpike::measure
