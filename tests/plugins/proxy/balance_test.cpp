#include "proxy/balance.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace turnpike::proxy::test {
namespace {

std::string best(const std::string& key, const std::vector<std::string>& targets) {
    std::string to = targets.front();
    for (const std::string& target : targets)
        if (affinity(key, target) > affinity(key, to)) to = target;
    return to;
}

TEST(Balance, SpreadsKeysEvenlyAndMovesFew) {
    const std::vector<std::string> four = {"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80", "10.0.0.4:80"};
    const std::vector<std::string> three(four.begin(), four.end() - 1);
    std::map<std::string, int> shares;
    for (int i = 0; i < 4000; ++i) {
        const std::string key = "192.0." + std::to_string(i / 256) + "." + std::to_string(i % 256);
        ++shares[best(key, four)];
        if (best(key, four) == four.back()) continue;
        EXPECT_EQ(best(key, three), best(key, four)) << "only its own keys move";
    }
    for (const std::string& target : four) {
        EXPECT_GT(shares[target], 850) << target;
        EXPECT_LT(shares[target], 1150) << target;
    }
}

TEST(Balance, FindsACookie) {
    EXPECT_EQ(cookieValue("a=b; to=2; c=d", "to"), "2");
    EXPECT_EQ(cookieValue("to=2", "to"), "2");
    EXPECT_EQ(cookieValue("xto=2; tox=3; to", "to"), "");
    EXPECT_EQ(cookieValue("", "to"), "");
}

TEST(Balance, ReadsATargetsNumber) {
    EXPECT_EQ(targetOf("1", 3), 0u);
    EXPECT_EQ(targetOf("3", 3), 2u);
    for (const char* bad : {"", "0", "4", "-1", "+1", "1x", " 1", "18446744073709551617"})
        EXPECT_EQ(targetOf(bad, 3), 3u) << bad;
}

}  // namespace
}  // namespace turnpike::proxy::test
