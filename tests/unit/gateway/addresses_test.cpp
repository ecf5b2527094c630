#include "sdk/gateway/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const std::string& address) {
    try {
        lookUp("targets", address);
    } catch (const Refused& refused) {
        return refused.what();
    }
    return "taken";
}

TEST(Addresses, StayAsTheyAreWhenTheyAreNumeric) {
    for (const char* address : {"10.0.0.5:80", "[2001:db8::1]:8080", "0.0.0.0:1", "127.0.0.1:65535"})
        EXPECT_THAT(lookUp("targets", address), ElementsAre(address));
}

TEST(Addresses, OfTheMachineItselfNeedNoResolver) {
    EXPECT_THAT(lookUp("targets", "localhost:3000"), ElementsAre("127.0.0.1:3000"));
}

TEST(Addresses, AreRefusedWhenTheyAreNone) {
    for (const char* address : {"app", "app:", "app:0", "app:65536", "app:http", "9000"})
        EXPECT_THAT(refusal(address), HasSubstr("is neither \"unix:/path\" nor \"address:port\"")) << address;
    for (const char* address : {":80", "http://app:80", "a b:80", "::1:80", "[app]:80"})
        EXPECT_THAT(refusal(address), HasSubstr("is neither an address nor a name")) << address;
    // What looks like an address is not looked up: a resolver takes "10.1" for 10.0.0.1.
    EXPECT_THAT(lookUp("targets", "10.1:80"), ElementsAre("10.1:80"));
}

TEST(Addresses, OfANameThatIsNotKnownAreRefusedByThatName) {
    const std::string name(70, 'a');  // no label is as long (RFC 1035 section 2.3.4), so nobody is asked
    EXPECT_THAT(refusal(name + ":80"), HasSubstr("cannot find the address of \"" + name + "\""));
}

}  // namespace
}  // namespace turnpike::gateway
