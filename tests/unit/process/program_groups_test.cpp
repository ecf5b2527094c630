// The cgroups of programs that answer one request each: which are shared, and how long they stay.
#include "process/program_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/file.h"
#include "os/local.h"
#include "os/process.h"
#include "server/backend_path.h"
#include "support/temp_folder.h"

namespace turnpike::process {
namespace {
using ::testing::HasSubstr;

class ProgramGroupsTest : public ::testing::Test {
 protected:
    void SetUp() override {
        ASSERT_TRUE(log_.open(folder_.path() + "/log", TP_LOG_DEBUG));
        auto made = tree_.make("turnpike-probe-" + std::to_string(os::ownPid()));
        if (!made) GTEST_SKIP() << made.error().text;
        os::removeDirectory(*made);
        for (const uint32_t generation : {1u, 2u, 3u}) groups_.setRuntimeFolder(generation, folder_.path());
        path_ = made->substr(0, made->rfind('/')) + "/" + server::programGroup(folder_.path(), "site", limits_);
    }
    void TearDown() override {
        groups_.removeAll([this] { reactor_.stop(); });
        reactor_.after(5000, [this] { reactor_.stop(); });
        reactor_.run();
        EXPECT_FALSE(os::exists(path_));
    }

    TempFolder folder_;
    os::ErrorLog log_{"test"};
    Reactor reactor_;
    ControlGroups tree_{os::ownPid()};
    ProgramGroups groups_{reactor_, log_, tree_};
    const server::ControlGroupLimits limits_{0, 50};
    std::string path_;
};

TEST_F(ProgramGroupsTest, AreSharedByAllWithTheSameSiteAndLimits) {
    ControlGroup* group = groups_.find(1, "site", limits_);
    ASSERT_NE(group, nullptr);
    EXPECT_GE(group->entrance(), 0);
    EXPECT_TRUE(os::exists(path_));
    EXPECT_EQ(groups_.find(1, "site", limits_), group);
    EXPECT_EQ(groups_.find(2, "site", limits_), group);
    EXPECT_NE(groups_.find(1, "other", limits_), group);
    EXPECT_NE(groups_.find(1, "site", {1 << 30, 50}), group);
    EXPECT_EQ(groups_.find(1, "site", {}), nullptr);
}

TEST_F(ProgramGroupsTest, StayWhileAGenerationUsesThem) {
    ControlGroup* group = groups_.find(1, "site", limits_);
    groups_.find(2, "site", limits_);
    groups_.forget(1);
    groups_.forget(7);
    EXPECT_EQ(groups_.find(2, "site", limits_), group);
    groups_.forget(2);
    EXPECT_TRUE(os::exists(path_)) << "its programs have a moment to end";
    EXPECT_EQ(groups_.find(3, "site", limits_), group) << "and one may come back to it";
}

TEST_F(ProgramGroupsTest, GoWithTheLastGeneration) {
    groups_.find(1, "site", limits_);
    groups_.forget(1);
    int left = 500;
    std::function<void()> look = [&] {
        if (os::exists(path_) && --left > 0) return void(reactor_.after(20, look));
        EXPECT_FALSE(os::exists(path_));
        EXPECT_NE(groups_.find(2, "site", limits_), nullptr);
        EXPECT_TRUE(os::exists(path_));
        groups_.removeAll([this] { reactor_.stop(); });
    };
    reactor_.after(1, look);
    reactor_.run();
}

/// A tree of ordinary files: what the kernel does with them is not told here.
TEST(ProgramGroups, AreFullWithAsManyProcessesAsTheyMayHave) {
    TempFolder folder;
    const std::string name = server::programGroup("/run", "site", {0, 2}) + "/";
    folder.write("cgroup.subtree_control", "pids\n");
    for (const char* file : {"cgroup.procs", "pids.max", "pids.events", "pids.current"})
        folder.write(name + file, "");
    os::ErrorLog log("test");
    Reactor reactor;
    ControlGroups tree(os::ownPid(), folder.path());
    ProgramGroups groups(reactor, log, tree);
    groups.setRuntimeFolder(1, "/run");
    const ControlGroup* group = groups.find(1, "site", {0, 2});
    ASSERT_NE(group, nullptr);
    EXPECT_EQ(*os::readFile(folder.path() + "/" + name + "pids.max"), "2");
    for (const auto& [current, is_full] :
         {std::pair{"0\n", false}, {"1\n", false}, {"2\n", true}, {"17\n", true}}) {
        folder.write(name + "pids.current", current);
        EXPECT_EQ(group->isFull(), is_full) << current;
    }
}

TEST(ProgramGroups, WithoutATreeAreSaidNotToHoldOnceAndAreNoMoreThanThere) {
    TempFolder folder;
    os::ErrorLog log("test");
    ASSERT_TRUE(log.open(folder.path() + "/log", TP_LOG_DEBUG));
    Reactor reactor;
    ControlGroups nowhere(os::ownPid(), "/nonexistent");
    ProgramGroups groups(reactor, log, nowhere);
    ControlGroup* first = groups.find(1, "site", {1 << 20, 0});
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->entrance(), -1);
    EXPECT_EQ(groups.find(1, "site", {1 << 20, 0}), first);
    const std::string told = *os::readFile(folder.path() + "/log");
    EXPECT_THAT(told,
                HasSubstr("programs of site site: cgroup_memory does not hold: /nonexistent/turnpike-site-"));
    EXPECT_EQ(told.find("does not hold"), told.rfind("does not hold"));
    for (uint64_t i = 1; i < ProgramGroups::kMost; ++i) ASSERT_NE(groups.find(1, "site", {0, i}), nullptr);
    EXPECT_EQ(groups.find(1, "site", {0, ProgramGroups::kMost}), nullptr);
    EXPECT_EQ(groups.find(1, "site", {1 << 20, 0}), first);
    EXPECT_EQ(groups.find(1, "site", {0, ProgramGroups::kMost}), nullptr);
    const std::string full = *os::readFile(folder.path() + "/log"), words = "there are 1024 groups of programs";
    EXPECT_THAT(full, HasSubstr(words));
    EXPECT_EQ(full.find(words), full.rfind(words)) << "once, whoever asks in between";
}

}  // namespace
}  // namespace turnpike::process
