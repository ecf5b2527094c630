// What a running server does on signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "load.h"
#include "processes.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

constexpr const char* kSite = R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
exact = "/backend"
plugin = "fastcgi"
command = ["/bin/sleep", "1000"]
[[site.route]]
prefix = "/"
plugin = "teller"
)";

class Signals : public ::testing::Test {
 protected:
    Signals() {
        std::filesystem::create_directories(server.path("public"));
        server.setup.sites = kSite;
    }
    /// A client whose request is being answered for so long.
    std::unique_ptr<RawClient> askSlowly(const std::string& ms) {
        auto client = std::make_unique<RawClient>(server.port());
        client->send("GET /slow?" + ms + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_TRUE(eventually([&] { return active() == 1; }));
        return client;
    }
    int active() const {
        auto totals = server.status()->getObject("totals");
        return totals ? totals->getObject("counters")->getValue<int>("requests_active") : -1;
    }
    void expectNothingLeft(const std::set<pid_t>& processes) {
        for (pid_t pid : processes) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
        for (const char* name : {"run/turnpike.pid", "run/control.sock"})
            EXPECT_FALSE(std::filesystem::exists(server.path(name))) << name;
    }

    Turnpike server;
};

TEST_F(Signals, TermAnswersWhatRunsAndRefusesWhatIsNew) {
    ASSERT_TRUE(server.start());
    const auto processes = descendants(server.pid());
    ASSERT_GE(processes.size(), 4u);  // two workers, the spawner, the backend
    auto slow = askSlowly("1000");
    server.signal(SIGTERM);
    ASSERT_TRUE(server.waitForLog("stopping"));
    EXPECT_TRUE(eventually([&] { return !RawClient(server.port()).isConnected(); }));
    EXPECT_TRUE(isAlive(server.pid()));
    Answer answer = slow->answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_EQ(server.waitForEnd(), 0);
    expectNothingLeft(processes);
    EXPECT_THAT(server.read("access.log"), HasSubstr("\"GET /slow?1000 HTTP/1.1\" 200 "));
}

TEST_F(Signals, TermHasADeadline) {
    server.setup.limits = "drain = \"300ms\"\n";
    ASSERT_TRUE(server.start());
    const auto processes = descendants(server.pid());
    auto slow = askSlowly("60000");
    server.signal(SIGTERM);
    EXPECT_EQ(server.waitForEnd(5'000), 0);
    EXPECT_EQ(slow->answer().status, 0);
    expectNothingLeft(processes);
}

TEST_F(Signals, QuitAndIntHaveADeadlineOfTheirOwn) {
    for (int number : {SIGQUIT, SIGINT}) {
        ASSERT_TRUE(server.start());
        const auto processes = descendants(server.pid());
        auto brief = askSlowly("300");
        server.signal(number);
        EXPECT_EQ(brief->answer().status, 200) << number;
        EXPECT_EQ(server.waitForEnd(), 0) << number;
        expectNothingLeft(processes);

        ASSERT_TRUE(server.start());
        auto endless = askSlowly("60000");
        server.signal(number);
        EXPECT_EQ(server.waitForEnd(9'000), 0) << number << ": limits.drain is 30 s";
        EXPECT_EQ(endless->answer().status, 0);
    }
}

TEST_F(Signals, ASecondTermIsInAHurry) {
    ASSERT_TRUE(server.start());
    auto endless = askSlowly("60000");
    server.signal(SIGTERM);
    ASSERT_TRUE(server.waitForLog("stopping"));
    server.signal(SIGTERM);
    EXPECT_EQ(server.waitForEnd(9'000), 0);
}

TEST_F(Signals, StopIsAVerbToo) {
    ASSERT_TRUE(server.start());
    auto slow = askSlowly("300");
    std::string output;
    EXPECT_EQ(server.run("stop", &output), 0) << output;
    EXPECT_EQ(slow->answer().status, 200);
    EXPECT_EQ(server.waitForEnd(), 0);
    EXPECT_EQ(server.run("stop", &output), 1);
    EXPECT_THAT(output, HasSubstr("turnpike is not running"));
}

TEST_F(Signals, Usr1OpensTheLogsAnewAndLosesNoLine) {
    ASSERT_TRUE(server.start());
    const auto workers = server.workers();
    Load load(server.port(), {{"/pid", [](const Answer& a) { return a.status == 200; }}}, 3, 1);
    constexpr int kRotations = 10;
    for (int i = 0; i < kRotations; ++i) {
        ASSERT_TRUE(load.goesOn());
        for (std::string log : {"access.log", "error.log"})
            std::filesystem::rename(server.path(log), server.path(log + "." + std::to_string(i)));
        server.signal(SIGUSR1);
        ASSERT_TRUE(eventually([&] {
            return std::filesystem::exists(server.path("access.log")) &&
                   std::filesystem::exists(server.path("error.log"));
        }));
        // Lines of the new file: this worker has opened it. Quickly rotated twice is another test's matter.
        ASSERT_TRUE(eventually([&] { return !server.read("access.log").empty(); }));
    }
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(server.workers(), workers);
    ASSERT_EQ(server.stop(), 0);
    EXPECT_THAT(server.errorLog(), HasSubstr("stopped"));
    std::string all = server.read("access.log");
    for (int i = 0; i < kRotations; ++i) all += server.read("access.log." + std::to_string(i));
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), static_cast<long>(load.good()));
    const std::regex whole(
        R"(127\.0\.0\.1 - - \[[^\]]+\] "GET /pid HTTP/1\.1" 200 \d+ "-" "-" [0-9a-f]{16} site teller \d+)");
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) ASSERT_TRUE(std::regex_match(line, whole)) << line;
}

}  // namespace
}  // namespace turnpike::e2e
