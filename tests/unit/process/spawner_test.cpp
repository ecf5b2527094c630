// Programs that answer one request: how they are started, watched and ended by a real spawner process.
#include "spawner_fixture.h"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "support/temp_folder.h"

namespace turnpike::process {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(SpawnerTest, ReportsOutputStatusAndCpuTime) {
    tellUsers({});
    connect();
    Program run;
    spawn(run, {"/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo $((6*7)); exit 9"});
    ASSERT_TRUE(finish(run));
    EXPECT_EQ(run.output, "42\n");
    EXPECT_EQ(run.ends, 1);
    EXPECT_TRUE(WIFEXITED(run.end.status));
    EXPECT_EQ(WEXITSTATUS(run.end.status), 9);
    EXPECT_GT(run.end.cpu_us, 0u);
    EXPECT_GT(run.end.max_rss_kib, 100u);
    EXPECT_EQ(slot().started.load(), 1u);
    EXPECT_EQ(slot().ended.load(), 1u);
    EXPECT_EQ(slot().cpu_us.load(), run.end.cpu_us);
}

TEST_F(SpawnerTest, GivesThreeDescriptorsTheGivenEnvironmentAndNothingElse) {
    tellUsers({});
    connect();
    std::string folder = "/usr/bin";
    tp_spawn spec{};
    spec.directory = str(folder);
    spec.cpu_seconds = 7;
    spec.memory_bytes = 300u << 20;
    spec.open_files = 33;
    Program run;
    spawn(run, {PROBE, "one", "two words"}, spec, {"NAME=value", "EMPTY="});
    ASSERT_TRUE(finish(run));
    for (const char* line :
         {"fds 0 1 2\n", "arg one\n", "arg two words\n", "env NAME=value\n", "env EMPTY=\n", "cwd /usr/bin\n",
          "leader 1\n", "umask 27\n", "no_new_privs 1\n", "core 0 0\n", "cpu 7 8\n",
          "memory 314572800 314572800\n", "files 33 33\n", "blocked 0\n", "ignored 0\n"})
        EXPECT_THAT(run.output, HasSubstr(line));
    EXPECT_THAT(run.output, Not(HasSubstr("env PATH")));
}

TEST_F(SpawnerTest, RunsAsTheSitesUserAndNobodyElse) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    tellUsers({{12345, 23456, {23456}}});
    connect();
    Program run;
    spawn(run, {PROBE});
    ASSERT_TRUE(finish(run));
    for (const char* line : {"uid 12345\n", "gid 23456\n", "groups 1\n"}) EXPECT_THAT(run.output, HasSubstr(line));
    Program stranger;
    spawn(stranger, {PROBE}, {}, {}, 1);
    ASSERT_TRUE(finish(stranger));
    EXPECT_EQ(stranger.end.status, -1);
    EXPECT_EQ(stranger.end.error, EPERM);
}

/// More of them than one message holds.
TEST_F(SpawnerTest, KnowsTheUsersOfManySites) {
    if (!os::isRoot()) GTEST_SKIP() << "needs root";
    std::vector<os::Identity> users;
    for (uint32_t i = 0; i < 20'000; ++i) users.push_back({100'000 + i, 200'000 + i, {1, 2, 200'000 + i}});
    tellUsers(users);
    connect();
    for (const uint32_t site : {0u, 19'999u}) {
        Program run;
        spawn(run, {PROBE}, {}, {}, site);
        ASSERT_TRUE(finish(run));
        EXPECT_THAT(run.output, HasSubstr("uid " + std::to_string(100'000 + site) + "\n"));
        EXPECT_THAT(run.output, HasSubstr("gid " + std::to_string(200'000 + site) + "\n"));
        EXPECT_THAT(run.output, HasSubstr("groups 3\n"));
    }
}

/// Never as root because its own user was not told.
TEST_F(SpawnerTest, StartsNoBackendForAUserThatItDoesNotKnow) {
    TempFolder folder;
    tell(Writer().u32(static_cast<uint32_t>(Tell::OpenLog)).text(folder.path() + "/log").u32(TP_LOG_WARN));
    tellUsers({{12345, 23456, {23456}}}, folder.path());
    server::BackendSpec spec;
    spec.name = "second-fastcgi";
    spec.command = {"/bin/sleep", "60"};
    spec.site = 1;
    Writer to = start(Tell::Backend, 1);
    write(to, spec);
    tell(to);
    EXPECT_TRUE(eventually([&] {
        const auto log = os::readFile(folder.path() + "/log");
        return log && log->find("backend second-fastcgi is not started: the user of its site is not known") !=
                          std::string::npos;
    }));
    EXPECT_FALSE(os::exists(folder.path() + "/second-fastcgi"));
}

/// The kernel's own word for it is "Resource temporarily unavailable".
TEST_F(SpawnerTest, NamesTheLimitOfProcesses) {
    if (!os::isRoot()) GTEST_SKIP() << "root's own processes are not limited, and only root can be another user";
    TempFolder folder;
    tell(Writer().u32(static_cast<uint32_t>(Tell::OpenLog)).text(folder.path() + "/log").u32(TP_LOG_WARN));
    tellUsers({{12345, 23456, {23456}}});
    connect();
    tp_spawn spec{};
    spec.processes = 1;
    std::vector<Program> runs(3);  // the kernel looks before it counts the new one
    for (Program& run : runs) spawn(run, {"/bin/sleep", "60"}, spec);
    ASSERT_TRUE(finish(runs[2]));
    EXPECT_EQ(runs[2].end.error, EAGAIN);
    EXPECT_THAT(*os::readFile(folder.path() + "/log"),
                HasSubstr("cannot start /bin/sleep: its user has as many processes and threads as the limit "
                          "`processes` allows (1)"));
}

TEST_F(SpawnerTest, TellsWhyAProgramCouldNotBeStarted) {
    tellUsers({});
    connect();
    std::string nowhere = "/nonexistent";
    struct Case {
        std::vector<std::string> command;
        tp_str directory;
        int error;
    } cases[] = {{{"/nonexistent/program"}, {}, ENOENT}, {{"/etc/passwd"}, {}, EACCES}, {{"/"}, {}, EACCES},
                 {{"/bin/true"}, str(nowhere), ENOENT},  {{"relative"}, {}, EINVAL},    {{}, {}, EINVAL}};
    for (const Case& c : cases) {
        tp_spawn spec{};
        spec.directory = c.directory;
        Program run;
        spawn(run, c.command, spec);
        ASSERT_TRUE(finish(run));
        EXPECT_EQ(run.end.status, -1);
        EXPECT_EQ(run.end.error, c.error);
    }
    EXPECT_EQ(slot().started.load(), 0u);
}

TEST_F(SpawnerTest, KillsTheWholeGroupGentlyThenHard) {
    tellUsers({});
    connect();
    Program run;
    spawn(run, {"/bin/sh", "-c", "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; while :; do sleep 0.1; done"});
    std::string text;
    ASSERT_TRUE(loopUntil([&] {
        char buffer[64];
        int64_t size = os::read(run.out.get(), buffer, sizeof buffer, ledger::Class::Backend);
        if (size > 0) text.append(buffer, static_cast<size_t>(size));
        return text.find('\n') != text.npos;
    }));
    client_->kill(run.child, 100);
    ASSERT_TRUE(finish(run));
    EXPECT_TRUE(WIFSIGNALED(run.end.status));
    EXPECT_EQ(WTERMSIG(run.end.status), SIGKILL);
    EXPECT_TRUE(eventually([&] { return stateOf(std::stoi(text)) == '\0' || stateOf(std::stoi(text)) == 'Z'; }));
}

TEST_F(SpawnerTest, KillsAProgramThatLeftItsGroup) {
    tellUsers({});
    connect();
    Program run;
    spawn(run, {"/usr/bin/perl", "-e",
                "$| = 1; my $c = fork; if (!$c) { setpgrp(0, 0); sleep 60; exit }"
                "until (setpgrp(0, $c)) {} print \"$c\\n\"; sleep 60"});
    std::string text;
    ASSERT_TRUE(loopUntil([&] {
        char buffer[64];
        int64_t size = os::read(run.out.get(), buffer, sizeof buffer, ledger::Class::Backend);
        if (size > 0) text.append(buffer, static_cast<size_t>(size));
        return text.find('\n') != text.npos;
    }));
    client_->kill(run.child, 100);
    ASSERT_TRUE(finish(run));
    EXPECT_TRUE(WIFSIGNALED(run.end.status));
    ::kill(std::stoi(text), SIGKILL);
}

TEST_F(SpawnerTest, EndsWhatAProgramLeftBehindInItsGroup) {
    tellUsers({});
    connect();
    Program run;
    spawn(run, {"/bin/sh", "-c", "sleep 60 & echo $!"});
    ASSERT_TRUE(finish(run));
    EXPECT_EQ(run.end.status, 0);
    pid_t left = std::stoi(run.output);
    EXPECT_TRUE(eventually([&] { return stateOf(left) == '\0' || stateOf(left) == 'Z'; }));
}

TEST_F(SpawnerTest, KillsTheProgramsOfAWorkerThatDies) {
    tellUsers({});
    os::Fd spawner_end = connect();
    spawner_end.reset();
    Program run;
    spawn(run, {"/bin/sh", "-c", "echo $$; exec sleep 60"});
    char buffer[64] = "";
    ASSERT_TRUE(eventually([&] { return os::read(run.out.get(), buffer, 63, ledger::Class::Backend) > 0; }));
    client_.reset();
    EXPECT_TRUE(eventually([&] { return stateOf(std::stoi(buffer)) == '\0'; }));
    EXPECT_EQ(run.ends, 0);
    EXPECT_TRUE(eventually([&] { return slot().ended.load() == 1; }));
}

TEST_F(SpawnerTest, KillsEverythingWhenTheMasterDies) {
    tellUsers({});
    connect();
    Program run;
    spawn(run, {"/bin/sh", "-c", "echo $$; exec sleep 60"});
    char buffer[64] = "";
    ASSERT_TRUE(eventually([&] { return os::read(run.out.get(), buffer, 63, ledger::Class::Backend) > 0; }));
    master_.reset();
    int status = -1;
    ASSERT_EQ(::waitpid(spawner_, &status, 0), spawner_);
    spawner_ = -1;
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(
        eventually([&] { return stateOf(std::stoi(buffer)) == '\0' || stateOf(std::stoi(buffer)) == 'Z'; }));
}

TEST_F(SpawnerTest, LeavesNoZombie) {
    tellUsers({});
    connect();
    std::vector<Program> runs(100);
    for (Program& run : runs) spawn(run, {"/bin/true"});
    for (Program& run : runs) ASSERT_TRUE(finish(run));
    EXPECT_EQ(slot().ended.load(), 100u);
    std::ifstream children("/proc/" + std::to_string(spawner_) + "/task/" + std::to_string(spawner_) +
                           "/children");
    pid_t child = 0;
    EXPECT_FALSE(children >> child) << child << " is " << stateOf(child);
}

TEST_F(SpawnerTest, RefusesMalformedRequestsAndGoesOn) {
    tellUsers({});
    auto ends = std::move(*os::messagePair());
    tell(start(Tell::Worker, 1).u32(0), ends.second.get());
    std::string program = "/bin/true";
    tp_str argv[] = {str(program)};
    tp_spawn spec{};
    spec.argv = argv;
    spec.argc = 1;
    std::string good = encodeSpawn(1, {0, "site"}, spec);
    std::vector<std::string> messages{good};  // without its descriptors
    for (size_t cut = 1; cut < good.size(); ++cut) messages.push_back(good.substr(0, cut));
    messages.push_back(good + "x");
    for (const std::string& message : messages) {
        ASSERT_GT(os::send(ends.first.get(), message.data(), message.size(), false, ledger::Class::Spawn), 0);
        Answer answer{};
        ASSERT_TRUE(eventually([&] {
            return os::recv(ends.first.get(), &answer, sizeof answer, ledger::Class::Spawn) == sizeof answer;
        }));
        EXPECT_EQ(answer.error, EINVAL);
    }
    EXPECT_EQ(slot().started.load(), 0u);
}

TEST_F(SpawnerTest, ProgramsWithTheSameLimitsShareAGroupThatIsGoneAtTheEnd) {
    auto made = ControlGroups(os::ownPid()).make("turnpike-probe-" + std::to_string(os::ownPid()));
    if (!made) GTEST_SKIP() << made.error().text;
    os::removeDirectory(*made);
    tellUsers({});
    connect();
    auto groupOf = [this](uint64_t processes) {
        tp_spawn spec{};
        spec.cgroup_processes = processes;
        Program run;
        spawn(run, {"/bin/sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & grep ^0: /proc/self/cgroup"}, spec);
        EXPECT_TRUE(finish(run));
        return run.output.substr(0, run.output.find('\n'));
    };
    const std::string none = groupOf(0), first = groupOf(100);
    EXPECT_EQ(none.find("-programs-"), none.npos);
    EXPECT_NE(first.find("/turnpike-site-programs-"), first.npos);
    EXPECT_EQ(groupOf(100), first);
    EXPECT_NE(groupOf(200), first);
    const std::string folder = made->substr(0, made->rfind('/')) + first.substr(first.rfind('/'));
    EXPECT_TRUE(os::exists(folder));
    master_.reset();
    client_.reset();
    ::waitpid(spawner_, nullptr, 0);
    spawner_ = 0;
    EXPECT_FALSE(os::exists(folder));
}

TEST_F(SpawnerTest, StartsNothingMoreAndLeavesNoGroupWhenTheMasterIsGone) {
    auto made = ControlGroups(os::ownPid()).make("turnpike-probe-" + std::to_string(os::ownPid()));
    if (!made) GTEST_SKIP() << made.error().text;
    os::removeDirectory(*made);
    tellUsers({});
    connect();
    tp_spawn spec{};
    spec.cgroup_processes = 100;
    Program first;
    spawn(first, {"/bin/sh", "-c", "grep ^0: /proc/self/cgroup; exec sleep 60"}, spec);
    std::string text;
    ASSERT_TRUE(loopUntil([&] {
        char buffer[256];
        const int64_t size = os::read(first.out.get(), buffer, sizeof buffer, ledger::Class::Backend);
        if (size > 0) text.append(buffer, static_cast<size_t>(size));
        return text.find('\n') != text.npos;
    }));
    master_.reset();
    // The worker lives on and asks again as soon as it hears of an end.
    Program next;
    ASSERT_TRUE(loopUntil([&] { return first.ends > 0; }));
    spawn(next, {"/bin/sleep", "60"}, spec);
    EXPECT_TRUE(eventually([&] { return ::waitpid(spawner_, nullptr, WNOHANG) == spawner_; }));
    spawner_ = 0;
    const std::string name = text.substr(text.rfind('/'), text.find('\n') - text.rfind('/'));
    EXPECT_FALSE(os::exists(made->substr(0, made->rfind('/')) + name));
}

TEST_F(SpawnerTest, TellsTheWorkerThatItsProgramsAreLostWhenItWasReplaced) {
    tellUsers({});
    os::Fd spawner_end = connect();
    Program run;
    spawn(run, {"/bin/sh", "-c", "echo x; exec sleep 60"});
    char buffer[8];
    ASSERT_TRUE(
        eventually([&] { return os::read(run.out.get(), buffer, sizeof buffer, ledger::Class::Backend) > 0; }));
    ::kill(spawner_, SIGKILL);
    ::waitpid(spawner_, nullptr, 0);
    startSpawner();
    tellUsers({});
    tell(start(Tell::Worker, 1).u32(1), spawner_end.get());
    ASSERT_TRUE(finish(run));
    EXPECT_EQ(run.end.error, ECONNRESET);
    Program next;
    spawn(next, {"/bin/echo", "again"});
    ASSERT_TRUE(finish(next));
    EXPECT_EQ(next.output, "again\n");
}

/// What was asked for while there was no spawner waits in the channel; only what the dead one had taken is lost.
TEST_F(SpawnerTest, StartsWhatWasAskedForWhileItWasReplaced) {
    tellUsers({});
    os::Fd spawner_end = connect();
    Program before, meanwhile, afterwards;
    spawn(before, {"/bin/sh", "-c", "echo x; exec sleep 60"});
    char buffer[8];
    ASSERT_TRUE(
        eventually([&] { return os::read(before.out.get(), buffer, sizeof buffer, ledger::Class::Backend) > 0; }));
    ::kill(spawner_, SIGKILL);
    ::waitpid(spawner_, nullptr, 0);
    client_->kill(before.child, 0);
    spawn(meanwhile, {"/bin/echo", "meanwhile"});
    startSpawner();
    tellUsers({});
    tell(start(Tell::Worker, 1).u32(1), spawner_end.get());
    ASSERT_TRUE(finish(before));
    EXPECT_EQ(before.end.error, ECONNRESET);
    ASSERT_TRUE(finish(meanwhile));
    EXPECT_EQ(meanwhile.output, "meanwhile\n");
    EXPECT_EQ(meanwhile.end.error, 0);
    spawn(afterwards, {"/bin/echo", "afterwards"});
    ASSERT_TRUE(finish(afterwards));
    EXPECT_EQ(afterwards.output, "afterwards\n");
    EXPECT_EQ(before.ends + meanwhile.ends + afterwards.ends, 3);
}

TEST_F(SpawnerTest, CountsOneCrossingToAskAndOneToHearTheEnd) {
    tellUsers({});
    connect();
    ledger::Account asked, heard;
    Program run;
    {
        ledger::Scope scope(asked);
        spawn(run, {"/bin/true"});
    }
    EXPECT_EQ(asked.of[TP_CLASS_SPAWN].calls, 1u);
    {
        ledger::Scope scope(heard);
        ASSERT_TRUE(loopUntil([&] { return run.ends > 0; }));
    }
    EXPECT_EQ(heard.of[TP_CLASS_SPAWN].calls, 1u);
}

}  // namespace
}  // namespace turnpike::process
