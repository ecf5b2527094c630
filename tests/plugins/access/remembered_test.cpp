#include "access/remembered.h"

#include <gtest/gtest.h>

#include <string>

namespace turnpike::access {
namespace {

TEST(Remembered, LastsForItsTimeOnly) {
    Remembered cache({1, 2}, 100);
    const auto digest = cache.digest("a:b");
    EXPECT_FALSE(cache.has(digest, 0));
    cache.add(digest, 1000);
    EXPECT_TRUE(cache.has(digest, 1099));
    EXPECT_FALSE(cache.has(digest, 1100));
    EXPECT_FALSE(cache.has(cache.digest("a:c"), 1000));
    EXPECT_FALSE(cache.has(cache.digest("ab:"), 1000));
}

TEST(Remembered, IsNothingWithoutATime) {
    Remembered cache({1, 2}, 0);
    cache.add(cache.digest("a:b"), 1000);
    EXPECT_FALSE(cache.has(cache.digest("a:b"), 1000));
}

TEST(Remembered, TellsNothingWithoutTheKey) {
    EXPECT_NE(Remembered({1, 2}, 1).digest("a:b"), Remembered({1, 3}, 1).digest("a:b"));
}

TEST(Remembered, TakesTheSameMemoryForAnyNumber) {
    Remembered cache({1, 2}, 100);
    for (int i = 0; i < 10'000; ++i) cache.add(cache.digest(std::to_string(i)), 1);
    int known = 0;
    for (int i = 0; i < 10'000; ++i) known += cache.has(cache.digest(std::to_string(i)), 1) ? 1 : 0;
    EXPECT_GT(known, 400);
    EXPECT_LE(known, 512);
}

}  // namespace
}  // namespace turnpike::access
