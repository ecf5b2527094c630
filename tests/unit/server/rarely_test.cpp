#include "server/rarely.h"

#include <gtest/gtest.h>

namespace turnpike::server {
namespace {

TEST(Rarely, IsToldOnceASecondWithWhatWasNot) {
    constexpr uint64_t kSecond = 1'000'000'000;
    Rarely rarely;
    EXPECT_TRUE(rarely.isDue(kSecond));
    EXPECT_EQ(rarely.others(), "");
    EXPECT_FALSE(rarely.isDue(kSecond + 1));
    EXPECT_FALSE(rarely.isDue(2 * kSecond - 1));
    EXPECT_TRUE(rarely.isDue(2 * kSecond));
    EXPECT_EQ(rarely.others(), " (and 2 others before it)");
    EXPECT_TRUE(rarely.isDue(3 * kSecond));
    EXPECT_EQ(rarely.others(), "");
}

}  // namespace
}  // namespace turnpike::server
