#include "sdk/fastcgi/backend.h"

#include <gtest/gtest.h>

namespace turnpike::fastcgi::test {
namespace {

constexpr Health::Rules kRules{.max_fails = 3, .window_ms = 1000, .pause_ms = 5000};

TEST(BackendHealth, IsUsableAtFirst) {
    Health health(kRules);
    EXPECT_TRUE(health.isUsable(0));
    EXPECT_TRUE(health.mayConnect(0));
    EXPECT_FALSE(health.isUnreachable());
}

TEST(BackendHealth, TriesAnUnreachableBackendAgainSoon) {
    Health health(kRules);
    health.unreachable(1000);
    EXPECT_FALSE(health.mayConnect(1000 + Health::kRetryMs - 1));
    EXPECT_TRUE(health.mayConnect(1000 + Health::kRetryMs));
    EXPECT_TRUE(health.isUsable(1000)) << "its open connections still work";
}

TEST(BackendHealth, CountsAnOutageFromItsFirstFailure) {
    Health health(kRules);
    health.unreachable(1000);
    health.unreachable(2000);
    EXPECT_EQ(health.unreachableFor(2500), 1500u);
    health.reached();
    EXPECT_EQ(health.unreachableFor(2500), 0u);
    health.unreachable(3000);
    EXPECT_EQ(health.unreachableFor(3001), 1u);
}

TEST(BackendHealth, CanBeReachedWhenItAnswers) {
    Health health(kRules);
    health.unreachable(1000);
    health.answered();
    EXPECT_FALSE(health.isUnreachable()) << "over a connection that was there before";
}

TEST(BackendHealth, IsNotDoubtedForAShortageOnThisSide) {
    Health health(kRules);
    EXPECT_TRUE(health.later(1000)) << "a word for the log";
    EXPECT_FALSE(health.mayConnect(1000 + Health::kRetryMs - 1));
    EXPECT_TRUE(health.mayConnect(1000 + Health::kRetryMs));
    EXPECT_FALSE(health.isUnreachable());
    EXPECT_FALSE(health.later(1100)) << "and no other";
    health.reached();
    EXPECT_TRUE(health.later(1200));
}

TEST(BackendHealth, LeavesABackendOutAfterFailuresInTheWindow) {
    Health health(kRules);
    EXPECT_FALSE(health.failed(100));
    EXPECT_FALSE(health.failed(200));
    EXPECT_TRUE(health.failed(300));
    EXPECT_FALSE(health.isUsable(300));
    EXPECT_FALSE(health.isUsable(5299));
    EXPECT_TRUE(health.isUsable(5300));
}

TEST(BackendHealth, ForgetsFailuresOutsideTheWindow) {
    Health health(kRules);
    EXPECT_FALSE(health.failed(100));
    EXPECT_FALSE(health.failed(200));
    EXPECT_FALSE(health.failed(1201));
    EXPECT_TRUE(health.isUsable(1201));
}

TEST(BackendHealth, ForgetsFailuresAfterAGoodAnswer) {
    Health health(kRules);
    health.failed(100);
    health.failed(200);
    health.answered();
    EXPECT_FALSE(health.failed(300));
}

TEST(BackendHealth, NeedsOneFailureToBeLeftOutAgain) {
    Health health(kRules);
    for (uint64_t now : {100u, 200u, 300u}) health.failed(now);
    EXPECT_TRUE(health.failed(5400));
    EXPECT_FALSE(health.isUsable(5400));
}

TEST(BackendHealth, BearsAFailureThatComesInWhileItIsOut) {
    Health health(kRules);
    for (uint64_t now : {100u, 200u, 300u}) health.failed(now);
    health.failed(310);
    EXPECT_TRUE(health.isUsable(5310));
}

}  // namespace
}  // namespace turnpike::fastcgi::test
