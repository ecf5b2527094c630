// Keys that one process changes and others read.
#include "net/ticket_keys.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

namespace turnpike::net {
namespace {

TicketKey keyOf(uint8_t byte) {
    TicketKey key;
    key.name.fill(byte);
    key.cipher.fill(byte);
    key.mac.fill(byte);
    return key;
}

/// The byte that a key is made of; -1: of several, -2: there is none.
int byteOf(const TicketKeys& keys, size_t age) {
    TicketKey key;
    if (!keys.read(age, &key)) return -2;
    for (const auto& part :
         {std::string(key.name.begin(), key.name.end()), std::string(key.cipher.begin(), key.cipher.end()),
          std::string(key.mac.begin(), key.mac.end())})
        if (part.find_first_not_of(part[0]) != part.npos || part[0] != static_cast<char>(key.name[0])) return -1;
    return key.name[0];
}

TEST(TicketKeys, AreNoneUntilOneIsMade) {
    auto keys = std::make_unique<TicketKeys>();
    EXPECT_EQ(byteOf(*keys, 0), -2);
}

TEST(TicketKeys, KeepTheOneBeforeTheNewest) {
    auto keys = std::make_unique<TicketKeys>();
    keys->rotate(keyOf(1));
    EXPECT_EQ(byteOf(*keys, 0), 1);
    EXPECT_EQ(byteOf(*keys, 1), -2);
    keys->rotate(keyOf(2));
    keys->rotate(keyOf(3));
    EXPECT_EQ(byteOf(*keys, 0), 3);
    EXPECT_EQ(byteOf(*keys, 1), 2);
}

TEST(TicketKeys, AreReadWholeWhileTheyChange) {
    constexpr int kReads = 10'000;
    auto keys = std::make_unique<TicketKeys>();
    std::atomic<int> read = 0;
    std::thread writer([&] {
        for (int i = 0; read < kReads; ++i) keys->rotate(keyOf(static_cast<uint8_t>(i)));
    });
    while (read < kReads) {
        const int newest = byteOf(*keys, 0);
        EXPECT_NE(newest, -1);
        EXPECT_NE(byteOf(*keys, 1), -1);
        if (newest >= 0) ++read;
    }
    writer.join();
}

/// Who dies while writing leaves readers without keys, and not without an end.
TEST(TicketKeys, AreNoneWhenTheirWriterDied) {
    auto keys = std::make_unique<TicketKeys>();
    keys->rotate(keyOf(1));
    ++keys->version;
    EXPECT_EQ(byteOf(*keys, 0), -2);
}

}  // namespace
}  // namespace turnpike::net
