// Logs that cannot be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <regex>

#include "disk.h"
#include "load.h"
#include "processes.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kSite = "[[site]]\nname = \"site\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"teller\"\n";

class Logs : public ::testing::Test {
 protected:
    Logs() { server.setup.sites = kSite; }
    int lostLines() const {
        auto totals = server.status()->getObject("totals");
        return totals ? totals->getObject("counters")->getValue<int>("log_lines_lost") : -1;
    }
    std::string failure() {
        server.writeConfig();
        EXPECT_EQ(server.startAndFail(), 1);
        return server.output();
    }

    Turnpike server;
};

TEST_F(Logs, ThatCannotBeOpenedKeepItFromStarting) {
    server.folder().write("file", "");
    server.setup.error_log = server.path("file/error.log");
    EXPECT_THAT(failure(), AllOf(HasSubstr("cannot open the error log " + server.path("file/error.log")),
                                 HasSubstr("Not a directory")));
    server.setup.error_log = server.path("error.log");
    server.setup.access_log = server.path("nowhere/access.log");
    EXPECT_THAT(failure(), AllOf(HasSubstr("cannot open the access log " + server.path("nowhere/access.log")),
                                 HasSubstr("No such file or directory")));
    server.setup.access_log = server.path();
    EXPECT_THAT(failure(), HasSubstr("cannot open the access log"));
}

TEST_F(Logs, ThatCannotBeOpenedMakeAReloadFail) {
    ASSERT_TRUE(server.start());
    server.setup.access_log = server.path("nowhere/access.log");
    server.writeConfig();
    std::string output;
    EXPECT_EQ(server.run("reload", &output), 1);
    EXPECT_THAT(output, HasSubstr(server.path("nowhere/access.log")));
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    EXPECT_TRUE(eventually([&] { return !server.read("access.log").empty(); })) << "the old log goes on";
}

TEST_F(Logs, ThatCannotBeReopenedGoOnAsTheyWere) {
    std::filesystem::create_directory(server.path("logs"));
    server.setup.access_log = server.path("logs/access.log");
    ASSERT_TRUE(server.start());
    std::filesystem::rename(server.path("logs"), server.path("away"));
    server.signal(SIGUSR1);
    EXPECT_TRUE(server.waitForLog("cannot open the access log " + server.path("logs/access.log")));
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    EXPECT_TRUE(eventually([&] { return !server.read("away/access.log").empty(); }));
}

TEST_F(Logs, ThatAreFullCostLinesAndNoRequests) {
    SmallDisk disk(server.path("disk"), "256k");
    if (!disk.isThere()) GTEST_SKIP() << "only root can mount a small disk";
    server.setup.access_log = disk.path() + "/access.log";
    server.setup.workers = 1;
    ASSERT_TRUE(server.start());
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    ASSERT_TRUE(eventually([&] { return !server.read("disk/access.log").empty(); }));
    disk.fill();
    Load load(server.port(), {{"/pid", [](const Answer& a) { return a.status == 200; }}}, 2, 1);
    ASSERT_TRUE(eventually([&] { return lostLines() >= 50; }));
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    const int answered = static_cast<int>(load.good()) + 1;

    // Every line is in the file or counted; and the file says how many are not.
    auto lines = [&] {
        std::string text = server.read("disk/access.log");
        return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    };
    ASSERT_TRUE(eventually([&] { return lines() + lostLines() >= answered; }));
    disk.makeRoom();
    const int lost = lostLines();
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    const std::string note = std::to_string(lost) + " log lines were lost: the log could not be written\n";
    // A line that was cut off by the end of the disk is not continued by another.
    ASSERT_TRUE(eventually([&] { return server.read("disk/access.log").find("\n" + note) != std::string::npos; }))
        << lost << " " << server.read("disk/access.log");
    EXPECT_EQ(server.stop(), 0);
    const std::string log = server.read("disk/access.log");
    int whole = 0;
    const std::regex shape(R"(127\.0\.0\.1 - - \[.* "GET /pid HTTP/1\.1" 200 .* site teller \d+)");
    std::istringstream text(log);
    for (std::string line; std::getline(text, line);) whole += std::regex_match(line, shape) ? 1 : 0;
    EXPECT_EQ(whole + lost, answered + 1) << log;
}

TEST_F(Logs, OfErrorsThatAreFullSayHowManyLinesWereLost) {
    SmallDisk disk(server.path("disk"), "256k");
    if (!disk.isThere()) GTEST_SKIP() << "only root can mount a small disk";
    server.setup.error_log = disk.path() + "/error.log";
    server.setup.workers = 1;
    ASSERT_TRUE(server.start());
    disk.fill();
    // Refused requests are told at this level, each with a line of its own.
    constexpr int kRefused = 40;
    const std::string refused =
        "GET /../" + std::string(150, 'x') + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for (int i = 0; i < kRefused; ++i) EXPECT_EQ(ask(server.port(), refused).status, 400);
    const int lost = lostLines();
    EXPECT_GT(lost, kRefused / 4);
    disk.makeRoom();
    EXPECT_EQ(ask(server.port(), refused).status, 400);
    EXPECT_EQ(lostLines(), lost);
    const std::string log = server.read("disk/error.log");
    EXPECT_THAT(log,
                HasSubstr(": " + std::to_string(lost) + " log lines were lost: the log could not be written\n"));
    const std::regex shape(R"(\d{4}-\d\d-\d\dT[^ ]+ info worker\[\d+\]: request .*: the path .* control byte)");
    std::istringstream text(log);
    int whole = 0;
    for (std::string line; std::getline(text, line);) whole += std::regex_match(line, shape) ? 1 : 0;
    EXPECT_EQ(whole + lost, kRefused + 1) << log;
}

}  // namespace
}  // namespace turnpike::e2e
