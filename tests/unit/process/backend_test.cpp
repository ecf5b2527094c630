// A supervised backend's processes and its folder, run in this process.
#include "process/backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "os/file.h"
#include "os/local.h"
#include "server/backend_path.h"
#include "support/temp_folder.h"

namespace turnpike::process {
namespace {
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class BackendTest : public ::testing::Test {
 protected:
    void SetUp() override {
        ASSERT_TRUE(log_.open(folder_.path() + "/log", TP_LOG_DEBUG));
        spec_.name = std::string("backend");
        spec_.restart_ms = 50;
    }
    void TearDown() override {
        if (!backend_) return;
        bool stopped = false;
        backend_->stop([&] { stopped = true; });
        EXPECT_TRUE(runUntil([&] { return stopped; }));
    }

    /// The program is a shell script.
    void make(const std::string& script) {
        spec_.command = {"/bin/sh", "-c", script};
        backend_ = std::make_unique<Backend>(reactor_, log_, spec_, Backend::Place{folder_.path(), 0, {}, groups_},
                                             [this] { ++changes_; });
    }
    void start(const std::string& script) {
        make(script);
        auto started = backend_->start();
        ASSERT_TRUE(started) << started.error().text;
    }
    /// Turns the reactor and reaps, ten seconds at most. What the backend waits for is forgotten afterwards: once
    /// in a test, and once at its end.
    template <class F>
    bool runUntil(F done) {
        int left = 1000;
        std::function<void()> look = [&] {
            os::Ended ended;
            while (os::reap(&ended) > 0) backend_->onEnded(ended);
            if (done() || --left == 0) return reactor_.stop();
            reactor_.after(10, look);
        };
        reactor_.after(1, look);
        reactor_.run();
        reactor_ = Reactor();
        return done();
    }
    std::string logged() const {
        auto text = os::readFile(folder_.path() + "/log");
        return text ? *text : "";
    }

    static std::string procFile(pid_t pid, const std::string& name) {
        auto text = os::readFile("/proc/" + std::to_string(pid) + "/" + name);
        return text ? *text : "";
    }

    const ControlGroups* groups_ = nullptr;
    TempFolder folder_;
    Reactor reactor_;
    os::ErrorLog log_{"test"};
    server::BackendSpec spec_;
    std::unique_ptr<Backend> backend_;
    int changes_ = 0;
};

TEST_F(BackendTest, ReplacesAProcessThatEndsInPeaceAtOnceHoweverOften) {
    spec_.restart_ms = 20'000;
    start("sleep 0.3");
    EXPECT_TRUE(runUntil([&] { return backend_->restarts() == 3; }));
    EXPECT_EQ(backend_->processes().size(), 1u);
    EXPECT_THAT(logged(), HasSubstr(" info "));
    EXPECT_THAT(logged(), Not(HasSubstr("trying again")));
}

TEST_F(BackendTest, TreatsAnEndRightAfterTheStartAsAFailure) {
    start("exit 0");
    // Not every one: a loaded machine may need longer to start it than it would be a failure.
    EXPECT_TRUE(runUntil([&] { return logged().find("trying again in 100 ms") != std::string::npos; }));
    EXPECT_THAT(logged(), HasSubstr("trying again in 50 ms"));
}

TEST_F(BackendTest, TreatsEveryOtherEndAsAFailureHoweverLateItComes) {
    start("sleep 0.3; exit 1");
    EXPECT_TRUE(runUntil([&] { return backend_->restarts() == 1; }));
    EXPECT_THAT(logged(), HasSubstr("exit status 1, trying again in 50 ms"));
}

TEST_F(BackendTest, TellsWhenItsProgramCannotBeStarted) {
    spec_.command = {"/nonexistent/program"};
    backend_ = std::make_unique<Backend>(reactor_, log_, spec_, Backend::Place{folder_.path(), 0, {}, nullptr},
                                         [this] { ++changes_; });
    ASSERT_TRUE(backend_->start());
    EXPECT_EQ(changes_, 1);
    EXPECT_TRUE(backend_->processes().empty());
}

TEST_F(BackendTest, StartsWhateverItsUserHasLeftInItsFolder) {
    make("sleep 60");
    TempFolder elsewhere;
    elsewhere.write("precious", "x");
    std::filesystem::create_directories(backend_->folder() + "/config/deep/er");
    std::filesystem::create_directories(backend_->folder() + "/socket");
    std::filesystem::create_symlink(elsewhere.path(), backend_->folder() + "/link");
    std::filesystem::create_symlink("/nowhere", backend_->folder() + "/socket/link");
    std::filesystem::create_hard_link(elsewhere.path() + "/precious", backend_->folder() + "/hard");
    ASSERT_EQ(::mkfifo((backend_->folder() + "/config/deep/fifo").c_str(), 0600), 0);
    auto started = backend_->start();
    ASSERT_TRUE(started) << started.error().text;
    EXPECT_TRUE(std::filesystem::exists(elsewhere.path() + "/precious"));
    EXPECT_FALSE(std::filesystem::exists(backend_->folder() + "/hard"));
}

TEST_F(BackendTest, MovesAFolderAsideThatIsTooLargeToBeRemoved) {
    make("sleep 60");
    std::string deep = backend_->folder();
    for (int i = 0; i < 50; ++i) deep += "/d";
    std::filesystem::create_directories(deep);
    auto started = backend_->start();
    ASSERT_TRUE(started) << started.error().text;
    EXPECT_THAT(logged(), HasSubstr("moved to " + backend_->folder() + ".old-"));
}

TEST_F(BackendTest, StartsInThePlaceOfALink) {
    make("sleep 60");
    TempFolder elsewhere;
    elsewhere.write("config", "x");
    std::filesystem::create_symlink(elsewhere.path() + "/config", backend_->folder());
    auto started = backend_->start();
    ASSERT_TRUE(started) << started.error().text;
    EXPECT_TRUE(std::filesystem::is_directory(std::filesystem::symlink_status(backend_->folder())));
    EXPECT_TRUE(std::filesystem::exists(elsewhere.path() + "/config"));
}

TEST_F(BackendTest, LimitsEachProcess) {
    spec_.limits = {0, uint64_t{1} << 30, 4096, 50, 0};
    start("sleep 60");
    const std::string limits = procFile(backend_->processes().front(), "limits");
    EXPECT_THAT(limits, ContainsRegex("Max address space +1073741824 "));
    EXPECT_THAT(limits, ContainsRegex("Max file size +4096 "));
    EXPECT_THAT(limits, ContainsRegex("Max open files +50 "));
    EXPECT_THAT(limits, ContainsRegex("Max core file size +0 "));
    EXPECT_THAT(limits, ContainsRegex("Max cpu time +unlimited "));
}

TEST_F(BackendTest, RunsInAGroupOfItsOwnThatIsGoneAtTheEnd) {
    ControlGroups groups(os::ownPid());
    if (auto made = groups.make("turnpike-probe"); made)
        os::removeDirectory(*made);
    else
        GTEST_SKIP() << made.error().text;
    groups_ = &groups;
    start("setsid sleep 60 & sleep 60");  // one leaves the process group, none the cgroup
    const std::string name = server::backendGroup(backend_->folder());
    EXPECT_THAT(procFile(backend_->processes().front(), "cgroup"), HasSubstr("/" + name + "\n"));
    const std::string folder = *groups.make(name);
    TearDown();
    backend_.reset();
    EXPECT_FALSE(os::exists(folder));
    EXPECT_EQ(logged(), "");
}

TEST_F(BackendTest, RunsWithoutAGroupAndSaysSoIfALimitNeedsOne) {
    ControlGroups groups(os::ownPid(), "/nonexistent");
    groups_ = &groups;
    start("sleep 60");
    EXPECT_EQ(logged(), "");
    backend_->stop([] {});
    backend_.reset();
    spec_.group_limits = {1 << 20, 5};
    start("sleep 60");
    EXPECT_EQ(backend_->processes().size(), 1u);
    EXPECT_THAT(logged(),
                HasSubstr("backend backend: cgroup_memory does not hold: /nonexistent/turnpike-backend-"));
    EXPECT_THAT(logged(), HasSubstr("backend backend: cgroup_processes does not hold: /nonexistent/"));
    EXPECT_THAT(logged(), HasSubstr("No such file or directory"));
}

}  // namespace
}  // namespace turnpike::process
