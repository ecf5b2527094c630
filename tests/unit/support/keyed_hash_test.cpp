#include "sdk/support/keyed_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace turnpike::support {

// The reference vectors of SipHash-2-4: key 00..0f, input 00 01 02 ...
TEST(KeyedHash, GivesTheReferenceVectors) {
    const HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    std::string input;
    for (char c = 0; c < 15; ++c) input += c;
    EXPECT_EQ((keyedHash<2, 4>(key, "")), 0x726fdb47dd0e0e31u);
    EXPECT_EQ((keyedHash<2, 4>(key, input.substr(0, 8))), 0x93f5f5799a932462u);
    EXPECT_EQ((keyedHash<2, 4>(key, input)), 0xa129ca6149be45e5u);
}

TEST(KeyedHash, DependsOnTheKey) { EXPECT_NE(keyedHash({1, 2}, "/index.html"), keyedHash({1, 3}, "/index.html")); }

}  // namespace turnpike::support
