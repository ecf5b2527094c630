#include "server/http2_budget.h"

#include <gtest/gtest.h>

#include "server/pace.h"

namespace turnpike::server {
namespace {

constexpr uint64_t kSecond = 1'000'000'000, kBegin = 5 * kSecond;

TEST(Http2Budget, IsTwoHundredAtOnce) {
    Http2Budget budget;
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(budget.spend(kBegin)) << i;
    EXPECT_FALSE(budget.spend(kBegin));
    EXPECT_EQ(budget.left(kBegin), 0u);
}

TEST(Http2Budget, FillsByFiftyASecondAndNoFurther) {
    Http2Budget budget;
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(budget.spend(kBegin));
    EXPECT_FALSE(budget.spend(kBegin + kSecond / 50 - 1));
    EXPECT_EQ(budget.left(kBegin + kSecond), 50u);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(budget.spend(kBegin + kSecond)) << i;
    EXPECT_FALSE(budget.spend(kBegin + kSecond));
    EXPECT_EQ(budget.left(kBegin + 100 * kSecond), 200u);
    // Time without anything to fill is not saved up.
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(budget.spend(kBegin + 100 * kSecond)) << i;
    EXPECT_FALSE(budget.spend(kBegin + 100 * kSecond));
}

TEST(Http2Budget, LosesNoFractionOfTimeToFrequentLooks) {
    Http2Budget budget;
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(budget.spend(kBegin));
    for (uint64_t ms = 1; ms <= 1000; ++ms) budget.left(kBegin + ms * 1'000'000);
    EXPECT_EQ(budget.left(kBegin + kSecond), 50u);
}

TEST(WritePace, TellsStallsAndTrickles) {
    config::Limits limits;
    limits.write_ms = 1000;
    limits.write_rate = 100;
    WritePace pace;
    pace.begin();
    EXPECT_EQ(pace.look(kBegin, 10, limits), "");
    EXPECT_EQ(pace.look(kBegin + kSecond, 11, limits), "");
    EXPECT_NE(pace.look(kBegin + 2 * kSecond, 12, limits), "");  // 2 bytes in two seconds
    pace.begin();
    EXPECT_EQ(pace.look(kBegin, 10, limits), "");
    EXPECT_EQ(pace.look(kBegin + 2 * kSecond, 210, limits), "");
    EXPECT_NE(pace.look(kBegin + 3 * kSecond, 210, limits), "");  // nothing
}

TEST(BodyPace, CountsOnlyTheTimeForWhichTheClientWasWaitedFor) {
    config::Limits limits;
    limits.body_gap_ms = 1000;
    limits.body_rate = 100;
    BodyPace pace;
    pace.ask(kBegin);
    EXPECT_FALSE(pace.isTooSlow(kBegin + kSecond, 0, limits));
    EXPECT_TRUE(pace.isTooSlow(kBegin + 2 * kSecond, 99, limits));
    EXPECT_FALSE(pace.isTooSlow(kBegin + 2 * kSecond, 100, limits));
    pace.give(kBegin + 2 * kSecond, 100);
    pace.ask(kBegin + 50 * kSecond);
    EXPECT_FALSE(pace.isTooSlow(kBegin + 50 * kSecond, 0, limits));
    EXPECT_TRUE(pace.isTooSlow(kBegin + 51 * kSecond, 0, limits));
}

}  // namespace
}  // namespace turnpike::server
