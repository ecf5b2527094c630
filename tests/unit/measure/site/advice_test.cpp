#include "measure/site/advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Level = Contrast::Level;

constexpr Estimate kChance{1.001, 0.98, 1.02, 10};

Estimate about(double value) { return {value, value * 0.97, value * 1.03, 10}; }

WayResult way(const std::string& name, double throughput, double p50, double cpu) {
    WayResult way;
    way.way.name = name;
    way.way.what = "the way " + name;
    way.throughput = contrastOf(about(throughput), kChance, true);
    way.p50 = contrastOf(about(p50), kChance, false);
    way.cpu = contrastOf(about(cpu), kChance, false);
    return way;
}

SiteResult result(std::vector<WayResult> others) {
    SiteResult result;
    result.blocks = 10;
    result.same_throughput = result.same_p50 = result.same_cpu = kChance;
    WayResult now;
    now.way.name = "now";
    now.way.what = "the way of now";
    now.way.is_now = true;
    result.ways.push_back(now);
    for (WayResult& other : others) result.ways.push_back(std::move(other));
    return result;
}

TEST(Contrast, IsADifferenceOnlyBeyondChance) {
    EXPECT_EQ(contrastOf({1.1, 1.05, 1.15, 10}, kChance, true).level, Level::Better);
    EXPECT_EQ(contrastOf({1.1, 1.05, 1.15, 10}, kChance, false).level, Level::Worse);
    EXPECT_EQ(contrastOf({0.9, 0.85, 0.95, 10}, kChance, true).level, Level::Worse);
    EXPECT_EQ(contrastOf({1.1, 0.99, 1.2, 10}, kChance, true).level, Level::Alike);      // its interval holds 1
    EXPECT_EQ(contrastOf({1.01, 1.005, 1.015, 10}, kChance, true).level, Level::Alike);  // less than chance
    EXPECT_EQ(contrastOf({1.1, 1.05, 1.15, 10}, {}, true).level, Level::Unknown);
    EXPECT_EQ(contrastOf({}, kChance, true).level, Level::Unknown);
}

/// However wide chance is, a hundredth and a hundredfold are the same distance.
TEST(Contrast, MeasuresDistanceInFactors) {
    const Estimate wide{1, 0.4, 2.5, 10};
    EXPECT_EQ(contrastOf({0.01, 0.009, 0.011, 10}, wide, true).level, Level::Worse);
    EXPECT_EQ(contrastOf({100, 90, 110, 10}, wide, true).level, Level::Better);
}

TEST(Advice, IsToChangeWhenOneIsSurelyBetter) {
    const auto advice = adviceOf(result({way("fast", 1.2, 0.8, 0.9), way("faster", 1.5, 0.7, 0.8)}));
    EXPECT_EQ(
        advice[0],
        "Run it by the way faster instead of the way of now: 50.0 % (45.5 to 54.5) more requests per second, "
        "30.0 % (27.9 to 32.1) less time until an answer is there. --show-config faster prints the config.");
    EXPECT_THAT(advice[1], StartsWith("fast: 20.0 % (16.4 to 23.6) more requests per second, "));
    EXPECT_THAT(advice[3], HasSubstr("95 % intervals over 10 blocks"));
    EXPECT_THAT(advice[3], HasSubstr("less than 2.0 % of requests per second"));
}

TEST(Advice, IsToStayWhenNoneIsSurelyBetter) {
    const auto advice = adviceOf(result({way("alike", 1.01, 1, 1), way("slow", 0.5, 12.3, 4)}));
    EXPECT_EQ(advice[0], "Leave it as it is (the way of now): no other way is surely better.");
    EXPECT_EQ(advice[1], "alike: cannot be told apart from the way of now.");
    EXPECT_EQ(advice[2],
              "slow: 50.0 % (48.5 to 51.5) fewer requests per second, 12.3 times as long until an answer is there "
              "(11.9 to 12.7), 4.00 times the CPU per request (3.88 to 4.12).");
}

TEST(Advice, DoesNotTradeOneForTheOther) {
    EXPECT_EQ(bestOf(result({way("trade", 1.5, 1.5, 1)})), nullptr);
    const SiteResult partly = result({way("partly", 1.5, 1, 1)});
    ASSERT_NE(bestOf(partly), nullptr);
    EXPECT_THAT(adviceOf(partly)[1], HasSubstr("latency cannot be told apart"));
}

TEST(Advice, IsNoneWithoutNumbers) {
    SiteResult nothing = result({WayResult{}});
    nothing.ways[1].way.name = "other";
    nothing.same_p50 = {};
    const auto advice = adviceOf(nothing);
    EXPECT_THAT(advice[0], StartsWith("Nothing can be advised"));
    EXPECT_EQ(advice[1], "other: not measured, too few trials count.");
    EXPECT_EQ(advice.size(), 2u);
}

}  // namespace
}  // namespace turnpike::measure
