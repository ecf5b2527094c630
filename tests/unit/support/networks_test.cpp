#include "sdk/support/networks.h"

#include <gtest/gtest.h>

namespace turnpike::support {
namespace {

Networks of(std::initializer_list<const char*> items) {
    Networks networks;
    for (const char* item : items) EXPECT_EQ(networks.add(item), "") << item;
    return networks;
}

TEST(Networks, HoldAddressesAndNetworksOfBothFamilies) {
    const Networks networks = of({"192.0.2.1", "10.0.0.0/9", "2001:db8::/33", "::1"});
    for (const char* inside : {"192.0.2.1", "10.0.0.0", "10.127.255.255", "2001:db8:7fff::1", "::1"})
        EXPECT_TRUE(networks.contains(inside)) << inside;
    for (const char* outside : {"192.0.2.2", "10.128.0.0", "2001:db8:8000::", "::2", "unix:", "", "nonsense"})
        EXPECT_FALSE(networks.contains(outside)) << outside;
}

TEST(Networks, TakeAMappedAddressForTheOneThatItIs) {
    EXPECT_TRUE(of({"10.0.0.0/8"}).contains("::ffff:10.1.2.3"));
    EXPECT_TRUE(of({"::ffff:10.0.0.0/104"}).contains("10.1.2.3"));
    EXPECT_FALSE(of({"::ffff:10.0.0.0/104"}).contains("11.1.2.3"));
}

TEST(Networks, HoldAllOfAFamily) {
    EXPECT_TRUE(of({"0.0.0.0/0"}).contains("203.0.113.9"));
    EXPECT_FALSE(of({"0.0.0.0/0"}).contains("2001:db8::1"));
    EXPECT_TRUE(of({"::/0"}).contains("2001:db8::1"));
}

TEST(Networks, HoldClientsOfAUnixSocketByNameOnly) {
    EXPECT_TRUE(of({"unix"}).contains("unix:"));
    EXPECT_FALSE(of({"unix"}).contains("127.0.0.1"));
    EXPECT_FALSE(of({"0.0.0.0/0", "::/0"}).contains("unix:"));
    for (const char* anybody : {"unix:", "127.0.0.1", "::1"})
        EXPECT_TRUE(of({"all"}).contains(anybody)) << anybody;
}

TEST(Networks, SayWhatIsWrong) {
    for (const char* wrong :
         {"localhost", "10.0.0", "10.0.0.0.0", "010.0.0.1", "1.2.3.4 ", "", "/8", "[::1]", "::g"})
        EXPECT_NE(Networks().add(wrong).find("is no address"), std::string::npos) << wrong;
    for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "::/ 1"})
        EXPECT_NE(Networks().add(wrong).find("a number of bits"), std::string::npos) << wrong;
    for (const char* wrong : {"10.1.0.0/8", "2001:db8::1/64", "10.0.0.1/31"})
        EXPECT_NE(Networks().add(wrong).find("behind its network"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace turnpike::support
