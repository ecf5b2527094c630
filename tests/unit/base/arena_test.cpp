#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace turnpike {

TEST(Arena, AlignsEveryAllocation) {
    BlockPool pool(1024, 4);
    Arena arena(pool, 1 << 16);
    for (size_t size : {1u, 3u, 17u, 100u}) {
        auto address = reinterpret_cast<uintptr_t>(arena.allocate(size, 16));
        EXPECT_EQ(address % 16, 0u);
    }
}

TEST(Arena, GivesLargeBlocksOfTheirOwn) {
    BlockPool pool(1024, 4);
    Arena arena(pool, 1 << 16);
    auto* large = static_cast<char*>(arena.allocate(5000));
    ASSERT_NE(large, nullptr);
    large[4999] = 'x';
    EXPECT_EQ(arena.copy("still usable"), "still usable");
}

TEST(Arena, RefusesPastItsLimit) {
    BlockPool pool(1024, 4);
    Arena arena(pool, 2048);
    EXPECT_NE(arena.allocate(1000), nullptr);
    EXPECT_NE(arena.allocate(1000), nullptr);
    EXPECT_EQ(arena.allocate(1000), nullptr);
}

TEST(Arena, ReusesItsBlocksAfterReset) {
    BlockPool pool(1024, 4);
    Arena arena(pool, 1 << 16);
    void* first = arena.allocate(8);
    arena.reset();
    EXPECT_EQ(arena.allocate(8), first);
}

}  // namespace turnpike
