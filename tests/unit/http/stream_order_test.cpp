#include "http/stream_order.h"

#include <gtest/gtest.h>

namespace turnpike::http {
namespace {

TEST(StreamOrder, AdmitsNoStreamThatWasPassedOver) {
    StreamOrder order;
    for (const uint32_t stream : {1u, 3u, 5u, 3u, 1u}) EXPECT_TRUE(order.admits(stream)) << stream;
    EXPECT_TRUE(order.admits(11));
    for (const uint32_t stream : {7u, 9u}) EXPECT_FALSE(order.admits(stream)) << stream;
    for (const uint32_t stream : {5u, 11u, 13u, 0x7fffffffu, 13u}) EXPECT_TRUE(order.admits(stream)) << stream;
    EXPECT_FALSE(order.admits(0x7ffffffd));
}

TEST(StreamOrder, MayBeginAnywhere) {
    StreamOrder order;
    EXPECT_TRUE(order.admits(15));
    EXPECT_FALSE(order.admits(1));
    EXPECT_FALSE(order.admits(13));
    EXPECT_TRUE(order.admits(15));
    EXPECT_TRUE(order.admits(17));
}

TEST(StreamOrder, LeavesOthersNumbersToOthers) {
    StreamOrder order;
    for (const uint32_t stream : {0u, 2u, 100u, 1u}) EXPECT_TRUE(order.admits(stream)) << stream;
}

}  // namespace
}  // namespace turnpike::http
