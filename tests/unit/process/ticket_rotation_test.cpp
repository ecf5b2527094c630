// The keys of session tickets come at once and change from time to time.
#include "process/ticket_rotation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

namespace turnpike::process {
namespace {

TEST(TicketRotation, MakesAKeyAtOnceAndOthersInTheirTime) {
    Reactor reactor;
    os::ErrorLog log("test");
    auto keys = std::make_unique<net::TicketKeys>();
    TicketRotation rotation(reactor, log, *keys, 1);
    rotation.start();
    net::TicketKey first, now, before;
    ASSERT_TRUE(keys->read(0, &first));
    EXPECT_FALSE(keys->read(1, &before));
    const std::set<uint8_t> bytes(first.cipher.begin(), first.cipher.end());
    EXPECT_GT(bytes.size(), 8u);  // random ones
    std::function<void()> look = [&] {
        EXPECT_TRUE(keys->read(0, &now));
        keys->read(1, &before);  // both here: the next change may come before the reactor has stopped
        if (now.name != first.name) return reactor.stop();
        reactor.after(1, look);
    };
    look();
    reactor.run();
    EXPECT_NE(now.cipher, before.cipher);
    EXPECT_NE(now.mac, before.mac);
}

}  // namespace
}  // namespace turnpike::process
