// Requests that plugins make for themselves: what turnpike.background/1 promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

class Background : public ::testing::Test {
 protected:
    void SetUp() override {
        server.setup.workers = 1;
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER\"\n[[site.route]]\nprefix = \"/\"\nplugin = "
            "\"errander\"\n";
        ASSERT_TRUE(server.start()) << server.output();
    }
    std::string begin(const std::string& how) const { return get(server.port(), "/begin?" + how).body; }
    bool says(const std::string& what) const {
        return eventually([&] { return get(server.port(), "/said").body == what; });
    }
    Turnpike server;
};

TEST_F(Background, GivesAnEmptyBodyToWhoAsksForOne) {
    EXPECT_EQ(begin("body"), "0");
    EXPECT_TRUE(says("body done\n"));
}

TEST_F(Background, EndsWhatTakesTooLong) {
    EXPECT_EQ(begin("waits"), "0");
    EXPECT_TRUE(says("waits aborted\n"));
    EXPECT_TRUE(server.waitForLog("took longer than it may"));
}

TEST_F(Background, EndsWhatSendsTooMuch) {
    EXPECT_EQ(begin("endless"), "0");
    EXPECT_TRUE(says("xxxxxxxxxxendless aborted\n"));
    EXPECT_TRUE(server.waitForLog("longer than it may be"));
}

TEST_F(Background, BeginsNoneFromOneOfThem) {
    EXPECT_EQ(begin("again"), "0");
    EXPECT_TRUE(says(std::to_string(-ELOOP) + " again done\n"));
}

TEST_F(Background, RefusesWhatIsNotAsPromised) {
    for (const char* how : {"host", "old"}) EXPECT_EQ(begin(how), std::to_string(-EINVAL)) << how;
    EXPECT_TRUE(says(""));
}

}  // namespace
}  // namespace turnpike::e2e
