#include "measure/load/arrivals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace turnpike::measure {
namespace {

std::vector<uint64_t> moments(Arrivals arrivals, double rate, uint64_t seed, size_t count) {
    Schedule schedule(arrivals, rate, seed);
    std::vector<uint64_t> all;
    while (all.size() < count) all.push_back(schedule.next());
    return all;
}

TEST(Schedule, OfConstantArrivalsDoesNotDrift) {
    auto at = moments(Arrivals::Constant, 3, 1, 3'000'001);
    EXPECT_EQ(at[0], 0u);
    EXPECT_EQ(at[1], 333'333'333u);
    EXPECT_EQ(at[3], 1'000'000'000u);
    EXPECT_EQ(at[3'000'000], 1'000'000'000'000'000u);
}

TEST(Schedule, OfPoissonArrivalsIsTheSameForTheSameSeed) {
    EXPECT_EQ(moments(Arrivals::Poisson, 100, 7, 1000), moments(Arrivals::Poisson, 100, 7, 1000));
    EXPECT_NE(moments(Arrivals::Poisson, 100, 7, 1000), moments(Arrivals::Poisson, 100, 8, 1000));
}

TEST(Schedule, OfPoissonArrivalsHasExponentialGaps) {
    constexpr size_t kCount = 200'000;
    auto at = moments(Arrivals::Poisson, 1000, 3, kCount);
    double sum = 0, squares = 0;
    size_t above_mean = 0;
    for (size_t i = 0; i < kCount; ++i) {
        uint64_t before = i == 0 ? 0 : at[i - 1];
        ASSERT_GE(at[i], before);
        auto gap = static_cast<double>(at[i] - before);
        sum += gap;
        squares += gap * gap;
        if (gap > 1e6) ++above_mean;
    }
    double mean = sum / kCount, deviation = std::sqrt(squares / kCount - mean * mean);
    EXPECT_NEAR(mean, 1e6, 1e4);
    EXPECT_NEAR(deviation, 1e6, 2e4);
    EXPECT_NEAR(static_cast<double>(above_mean) / kCount, std::exp(-1), 0.005);
}

TEST(Schedule, OfPoissonArrivalsCountsWithTheVarianceOfAPoissonProcess) {
    auto at = moments(Arrivals::Poisson, 1000, 4, 100'000);
    std::vector<double> per_window(900);
    for (uint64_t moment : at)
        if (moment / 100'000'000 < per_window.size()) ++per_window[moment / 100'000'000];
    double mean = 0, variance = 0;
    for (double count : per_window) mean += count / static_cast<double>(per_window.size());
    for (double count : per_window)
        variance += (count - mean) * (count - mean) / static_cast<double>(per_window.size());
    EXPECT_NEAR(mean, 100, 1);
    EXPECT_NEAR(variance / mean, 1, 0.2);
}

TEST(Backlog, IsMoreThanAHundredthOfAll) {
    EXPECT_FALSE(isBacklog(0, 0));
    EXPECT_FALSE(isBacklog(10, 1000));
    EXPECT_TRUE(isBacklog(11, 1000));
    EXPECT_TRUE(isBacklog(1, 1));
}

}  // namespace
}  // namespace turnpike::measure
