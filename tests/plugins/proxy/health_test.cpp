#include "proxy/target_health.h"

#include <gtest/gtest.h>

namespace turnpike::proxy::test {
namespace {

TEST(TargetHealth, PausesAfterFailuresWithinTheWindow) {
    TargetHealth health({3, 1000, 500});
    EXPECT_FALSE(health.failed(0));
    EXPECT_FALSE(health.failed(900));
    EXPECT_FALSE(health.failed(1950)) << "the first is out of the window";
    EXPECT_TRUE(health.failed(1990) || health.failed(1995));
    EXPECT_TRUE(health.isPaused(2000));
    EXPECT_FALSE(health.isPaused(2500));
}

TEST(TargetHealth, PausesTwiceAsLongEachTime) {
    TargetHealth health({1, 1000, 100});
    uint64_t now = 0;
    for (uint64_t pause : {100, 200, 400, 800, 1600, 1600}) {
        EXPECT_TRUE(health.failed(now));
        EXPECT_EQ(health.lastPause(), pause);
        EXPECT_FALSE(health.failed(now)) << "it has its pause already";
        now += pause;
        EXPECT_FALSE(health.isPaused(now));
    }
    health.answered();
    EXPECT_TRUE(health.failed(now));
    EXPECT_EQ(health.lastPause(), 100u);
}

TEST(TargetHealth, ForgetsFailuresWithAnAnswer) {
    TargetHealth health({2, 1000, 100});
    EXPECT_FALSE(health.failed(0));
    health.answered();
    EXPECT_FALSE(health.failed(1));
    EXPECT_TRUE(health.failed(2));
}

TEST(TargetHealth, IsDownAfterTwoBadAnswers) {
    TargetHealth health({1, 1000, 100});
    EXPECT_FALSE(health.asked(true));
    EXPECT_FALSE(health.asked(false));
    EXPECT_FALSE(health.isDown());
    EXPECT_TRUE(health.asked(false));
    EXPECT_TRUE(health.isDown());
    EXPECT_FALSE(health.asked(false));
    EXPECT_TRUE(health.asked(true));
    EXPECT_FALSE(health.isDown());
}

}  // namespace
}  // namespace turnpike::proxy::test
