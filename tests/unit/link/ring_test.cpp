#include "sdk/link/ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>

namespace turnpike::link {
namespace {

constexpr uint32_t kSize = 64;

struct LinkRing : testing::Test {
    Ring shared{};
    char bytes[kSize] = {};
    RingView view() { return {&shared, bytes, kSize}; }
};

std::string take(Consumer& consumer, size_t size) {
    std::string to(size, '?');
    consumer.take(to.data(), size);
    return to;
}

TEST_F(LinkRing, GivesBackWhatWasPutAcrossItsEnd) {
    Producer producer(view());
    Consumer consumer(view());
    for (int round = 0; round < 100; ++round) {
        std::string text(static_cast<size_t>(round) % kSize + 1, static_cast<char>('a' + round % 26));
        ASSERT_EQ(producer.room(), kSize);
        producer.put(text);
        EXPECT_EQ(consumer.waiting(), 0u) << "not published yet";
        producer.publish();
        ASSERT_EQ(consumer.waiting(), text.size());
        EXPECT_EQ(take(consumer, text.size()), text);
    }
}

TEST_F(LinkRing, CountsBeyondTwoToTheThirtyTwo) {
    shared.written = shared.taken = 0;
    Producer producer(view());
    Consumer consumer(view());
    std::string scrap(kSize, 'x');
    const uint64_t rounds = (uint64_t{1} << 32) / kSize + 2;
    for (uint64_t i = 0; i < rounds; ++i) {
        producer.put(scrap);
        producer.publish();
        consumer.take(scrap.data(), kSize);
    }
    EXPECT_EQ(producer.room(), kSize);
    EXPECT_EQ(consumer.waiting(), 0u);
    producer.put("end");
    producer.publish();
    EXPECT_EQ(take(consumer, 3), "end");
}

TEST_F(LinkRing, RefusesCountsThatCannotBeTrue) {
    Producer producer(view());
    Consumer consumer(view());
    shared.written = kSize + 1;
    EXPECT_EQ(consumer.waiting(), std::nullopt);
    shared.written = 0xffff'ffff;
    EXPECT_EQ(consumer.waiting(), std::nullopt);
    shared.taken = 1;  // more than was ever written
    EXPECT_EQ(producer.room(), std::nullopt);
}

TEST_F(LinkRing, ItsOwnCountIsNotReadBack) {
    Producer producer(view());
    producer.put("abc");
    producer.publish();
    shared.written = 1000;  // the other side writes where it may not
    EXPECT_EQ(producer.room(), kSize - 3);
    producer.publish();
    EXPECT_EQ(shared.written, 3u);
}

TEST_F(LinkRing, WhoAsksForSpaceIsToldOnce) {
    Producer producer(view());
    Consumer consumer(view());
    producer.put("abc");
    producer.publish();
    EXPECT_FALSE(consumer.isSpaceWanted());
    producer.askForSpace();
    take(consumer, 1);
    EXPECT_TRUE(consumer.isSpaceWanted());
    EXPECT_FALSE(consumer.isSpaceWanted());
}

/// Pieces of any size, both sides as fast as they can: not one byte is lost, doubled or out of order.
TEST_F(LinkRing, KeepsOrderBetweenTwoThreads) {
    constexpr size_t kTotal = 2'000'000;
    std::thread other([this] {
        Producer producer(view());
        std::mt19937 random(1);
        for (size_t sent = 0; sent < kTotal;) {
            size_t part = std::min<size_t>({*producer.room(), random() % kSize + 1, kTotal - sent});
            std::string text;
            for (size_t i = 0; i < part; ++i) text.push_back(static_cast<char>((sent + i) % 251));
            producer.put(text);
            producer.publish();
            sent += part;
            if (part == 0) std::this_thread::yield();
        }
    });
    Consumer consumer(view());
    size_t wrong = 0;
    for (size_t got = 0; got < kTotal;) {
        std::string text = take(consumer, *consumer.waiting());
        for (char c : text) wrong += c != static_cast<char>(got++ % 251) ? 1 : 0;
        if (text.empty()) std::this_thread::yield();
    }
    other.join();
    EXPECT_EQ(wrong, 0u);
}

TEST(LinkSleeper, IsWokenOnceForEachTimeItSays) {
    std::atomic<uint32_t> word{0};
    Sleeper mine(word), theirs(word);
    EXPECT_FALSE(theirs.mustBeWoken());
    mine.announce();
    EXPECT_TRUE(theirs.mustBeWoken());
    EXPECT_FALSE(theirs.mustBeWoken());
    mine.announce();
    mine.cancel();
    EXPECT_FALSE(theirs.mustBeWoken());
}

}  // namespace
}  // namespace turnpike::link
