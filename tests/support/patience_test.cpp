// What waits for a bounded time outlasts a machine that stands still, and still ends.
#include "support/patience.h"

#include <gtest/gtest.h>

namespace turnpike {
namespace {

using namespace std::chrono_literals;

TEST(Patience, OutlastsAMachineThatStandsStill) {
    Patience patience(30ms);
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(patience.lasts());
}

TEST(Patience, EndsAfterSoManyTurns) {
    int turns = 0;
    for (Patience patience(90ms); patience.lasts() && turns < 100; ++turns)
        std::this_thread::sleep_for(25ms);  // a turn that counts in full
    EXPECT_EQ(turns, 5);
}

TEST(Eventually, AsksUntilItIsSo) {
    int asked = 0;
    EXPECT_TRUE(eventually([&] { return ++asked == 3; }));
    EXPECT_EQ(asked, 3);
}

TEST(Eventually, GivesUpOnWhatNeverComes) {
    EXPECT_FALSE(eventually([] { return false; }, 50ms));
}

}  // namespace
}  // namespace turnpike
