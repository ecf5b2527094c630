#include "sdk/gateway/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Knows two names.
int64_t lookUpInTable(tp_str name, char* to, size_t size) {
    const std::string_view asked = text(name);
    const std::string_view known = asked == "app"       ? "10.0.0.5 10.0.0.6"
                                   : asked == "v6.test" ? "[2001:db8::1]"
                                                        : "";
    if (known.empty()) return -ENOENT;
    if (known.size() > size) return -ENOSPC;
    std::ranges::copy(known, to);
    return static_cast<int64_t>(known.size());
}

tp_io io{};
tp_host hostOf(uint32_t io_size) {
    io.struct_size = io_size;
    io.look_up = lookUpInTable;
    tp_host host{};
    host.extension = [](const char*) -> const void* { return &io; };
    return host;
}

std::vector<std::string> lookUp(const std::string& address) {
    return gateway::lookUp(hostOf(sizeof(tp_io)), "targets", address);
}

std::string refusal(const std::string& address, uint32_t io_size = sizeof(tp_io)) {
    try {
        gateway::lookUp(hostOf(io_size), "targets", address);
    } catch (const Refused& refused) {
        return refused.what();
    }
    return "taken";
}

TEST(Addresses, StayAsTheyAreWhenTheyAreNumeric) {
    for (const char* address : {"10.0.0.5:80", "[2001:db8::1]:8080", "0.0.0.0:1", "127.0.0.1:65535"})
        EXPECT_THAT(lookUp(address), ElementsAre(address));
}

TEST(Addresses, OfANameAreAllThatTheHostKnows) {
    EXPECT_THAT(lookUp("app:3000"), ElementsAre("10.0.0.5:3000", "10.0.0.6:3000"));
    EXPECT_THAT(lookUp("v6.test:80"), ElementsAre("[2001:db8::1]:80"));
}

TEST(Addresses, OfANameAreRefusedByAHostOfBefore) {
    EXPECT_THAT(refusal("app:80", offsetof(tp_io, look_up)), HasSubstr("this host looks up no names"));
}

TEST(Addresses, AreRefusedWhenTheyAreNone) {
    for (const char* address : {"app", "app:", "app:0", "app:65536", "app:http", "9000"})
        EXPECT_THAT(refusal(address), HasSubstr("is neither \"unix:/path\" nor \"address:port\"")) << address;
    for (const char* address : {":80", "http://app:80", "a b:80", "::1:80", "[app]:80"})
        EXPECT_THAT(refusal(address), HasSubstr("is neither an address nor a name")) << address;
    // What looks like an address is not looked up: a resolver takes "10.1" for 10.0.0.1.
    EXPECT_THAT(lookUp("10.1:80"), ElementsAre("10.1:80"));
}

TEST(Addresses, OfANameThatIsNotKnownAreRefusedByThatName) {
    EXPECT_EQ(refusal("nobody:80"), "cannot find the address of \"nobody\"");
}

}  // namespace
}  // namespace turnpike::gateway
