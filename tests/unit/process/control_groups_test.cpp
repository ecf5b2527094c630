// Finding the server's part of the cgroup tree, and the groups that are made there.
#include "process/control_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>

#include "os/file.h"
#include "process/control_file.h"
#include "support/temp_folder.h"

namespace turnpike::process {
namespace {
using ::testing::HasSubstr;

constexpr const char* kMounts =
    "22 1 0:20 / /proc rw,relatime - proc proc rw\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,relatime shared:9 - cgroup2 cgroup2 rw\n";

TEST(ControlGroups, AreFoundWhereverTheFileSystemIs) {
    EXPECT_EQ(groupFolder(kMounts, "4:memory:/x\n0::/\n"), "/sys/fs/cgroup/uni fied");
    EXPECT_EQ(groupFolder(kMounts, "0::/system.slice/turnpike.service\n"),
              "/sys/fs/cgroup/uni fied/system.slice/turnpike.service");
}

TEST(ControlGroups, AreFoundInAContainerThatSeesAPartOfTheTree) {
    const char* mounts = "41 31 0:38 /docker/c1 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
    EXPECT_EQ(groupFolder(mounts, "0::/docker/c1\n"), "/sys/fs/cgroup");
    EXPECT_EQ(groupFolder(mounts, "0::/docker/c1/app\n"), "/sys/fs/cgroup/app");
    EXPECT_EQ(groupFolder(mounts, "0::/docker/c10\n"), "");
}

TEST(ControlGroups, AreNotFoundWhereThereAreNone) {
    EXPECT_EQ(groupFolder("", "0::/\n"), "");
    EXPECT_EQ(groupFolder(kMounts, "4:memory:/\n"), "");
    EXPECT_EQ(groupFolder(kMounts, "0::/../other\n"), "");
    EXPECT_EQ(groupFolder("41 31 0:38", "0::/\n"), "");
}

TEST(ControlGroups, SayWhichFileIsInTheWay) {
    EXPECT_THAT(ControlGroups(1, "").make("x").error().text, HasSubstr("/proc/self/mountinfo: no cgroup v2"));
    EXPECT_EQ(ControlGroups(1, "/nonexistent").make("x").error().text,
              "/nonexistent/x: No such file or directory");
    TempFolder folder;
    folder.write("cgroup.subtree_control", "");
    folder.write("cgroup.controllers", "cpu io\n");
    EXPECT_EQ(ControlGroups(1, folder.path()).enable("memory").error().text,
              folder.path() + "/cgroup.controllers: the controller \"memory\" is not available there");
}

std::string contentOf(const std::string& path) {
    auto text = os::readFile(path);
    return text ? *text : text.error().text;
}

/// A group of the test's own below that of this process, with a process in it, and a controller to pass on.
class ControlGroupTree : public ::testing::Test {
 protected:
    void SetUp() override {
        const std::string own = groupFolder(contentOf("/proc/self/mountinfo"), contentOf("/proc/self/cgroup"));
        if (own.empty()) GTEST_SKIP() << "no cgroup v2 file system shows this process's group";
        folder_ = own + "/turnpike-test-" + std::to_string(::getpid());
        if (int made = os::makeDirectory(folder_, 0755); made < 0) {
            folder_.clear();
            GTEST_SKIP() << "no group can be made: " << fileError(own, made).text;
        }
        borrowController(own);
        child_ = ::fork();
        if (child_ == 0) {
            ::pause();
            ::_exit(0);
        }
        ASSERT_EQ(writeControl(folder_ + "/cgroup.procs", std::to_string(child_)), 0);
    }
    void TearDown() override {
        if (child_ > 0) {
            ::kill(child_, SIGKILL);
            ::waitpid(child_, nullptr, 0);
        }
        if (folder_.empty()) return;
        for (const auto& entry : std::filesystem::directory_iterator(folder_))
            if (entry.is_directory()) ::rmdir(entry.path().c_str());
        EXPECT_EQ(::rmdir(folder_.c_str()), 0);
        if (!lent_.empty()) writeControl(lent_, "-" + controller_);
    }
    /// The first one that this group may have; it is taken back at the end.
    void borrowController(const std::string& own) {
        std::istringstream words(contentOf(own + "/cgroup.controllers"));
        while (words >> controller_) {
            if (contentOf(own + "/cgroup.subtree_control").find(controller_) != std::string::npos) return;
            lent_ = own + "/cgroup.subtree_control";
            if (writeControl(lent_, "+" + controller_) == 0) return;
        }
        lent_.clear();
        controller_.clear();
    }
    void needController() const {
        if (controller_.empty()) GTEST_SKIP() << "no controller is available to cgroup v2 here";
    }

    std::string folder_, controller_, lent_;
    pid_t child_ = -1;
};

TEST_F(ControlGroupTree, MovesTheServerIntoALeafBeforeAControllerIsPassedOn) {
    needController();
    if (IsSkipped()) return;
    ControlGroups groups(child_, folder_);
    auto enabled = groups.enable(controller_);
    ASSERT_TRUE(enabled) << enabled.error().text;
    EXPECT_THAT(contentOf(folder_ + "/cgroup.subtree_control"), HasSubstr(controller_));
    EXPECT_EQ(contentOf(folder_ + "/" + std::string(ControlGroups::kLeaf) + "/cgroup.procs"),
              std::to_string(child_) + "\n");
    EXPECT_TRUE(groups.enable(controller_)) << "once more";
}

TEST_F(ControlGroupTree, MovesNobodyElse) {
    needController();
    if (IsSkipped()) return;
    auto enabled = ControlGroups(child_ + 1, folder_).enable(controller_);
    ASSERT_FALSE(enabled);
    EXPECT_THAT(enabled.error().text, HasSubstr("process " + std::to_string(child_) + " there is not of this"));
    EXPECT_EQ(contentOf(folder_ + "/cgroup.procs"), std::to_string(child_) + "\n");
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/" + std::string(ControlGroups::kLeaf)));
}

TEST_F(ControlGroupTree, TakesOverWhatAnEarlierRunLeft) {
    ControlGroups groups(child_, folder_);
    ASSERT_TRUE(groups.make("backend"));
    EXPECT_TRUE(groups.make("backend"));
}

}  // namespace
}  // namespace turnpike::process
