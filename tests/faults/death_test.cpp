// The deaths of the processes that everything hangs on: the spawner and the master.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>

#include "load.h"
#include "php_site.h"
#include "processes.h"

namespace turnpike::e2e {
namespace {

constexpr const char* kSite = R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
prefix = "/cgi-bin/"
plugin = "cgi"
memory = "0"
[[site.route]]
exact = "/backend"
plugin = "fastcgi"
command = ["/bin/sleep", "1000"]
[[site.route]]
prefix = "/"
plugin = "teller"
)";

class Death : public ::testing::Test {
 protected:
    Death() {
        program("hello", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello\\n'\n");
        program("slow", "#!/bin/sh\nsleep 1000 &\nsleep 1000\n");
        server.setup.sites = kSite;
    }
    void program(const std::string& name, const std::string& text) {
        server.folder().write("public/cgi-bin/" + name, text);
        ::chmod(server.path("public/cgi-bin/" + name).c_str(), 0755);
    }
    /// A client whose CGI program runs, with a child of its own.
    std::unique_ptr<RawClient> startSlow() {
        size_t before = descendants(server.pid()).size();
        auto client = std::make_unique<RawClient>(server.port());
        client->send("GET /cgi-bin/slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_TRUE(eventually([&] { return descendants(server.pid()).size() == before + 3; }));
        return client;
    }

    Turnpike server;
};

TEST_F(Death, OfTheSpawnerEndsItsProgramsAndANewOneStartsOthers) {
    ASSERT_TRUE(server.start());
    const auto workers = server.workers();
    const auto backend = server.backend();
    Load load(server.port(), {{"/pid", [](const Answer& a) { return a.status == 200; }}}, 2, 1);
    for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(get(server.port(), "/cgi-bin/hello").body, "hello\n");
        auto slow = startSlow();
        pid_t spawner = server.number("spawner_pid");
        auto programs = descendants(spawner);
        ASSERT_GE(programs.size(), 4u);
        signalTo(spawner, SIGKILL);
        Answer lost = slow->answer();
        EXPECT_TRUE(lost.status == 502 || lost.status == 503) << lost.head;
        for (pid_t pid : programs) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
        ASSERT_TRUE(eventually([&] {
            int now = server.number("spawner_pid");
            return now > 0 && now != spawner;
        }));
        EXPECT_TRUE(eventually([&] { return server.backend().size() == 1; }));
    }
    EXPECT_EQ(get(server.port(), "/cgi-bin/hello").body, "hello\n");
    EXPECT_TRUE(load.goesOn());
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(server.workers(), workers);
    EXPECT_NE(server.backend(), backend);
    EXPECT_TRUE(server.waitForLog("the spawner (pid "));
    EXPECT_TRUE(server.reload());
    EXPECT_EQ(get(server.port(), "/cgi-bin/hello").body, "hello\n");
}

TEST_F(Death, OfTheMasterLeavesNoProcessBehind) {
    server.setup.limits = "drain = \"500ms\"\n";
    ASSERT_TRUE(server.start());
    auto cgi = startSlow();
    RawClient waiting(server.port());
    ASSERT_TRUE(waiting.send("GET /slow?60000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    auto processes = descendants(server.pid());
    ASSERT_GE(processes.size(), 7u);  // two workers, the spawner, the backend and three of the CGI program
    server.signal(SIGKILL);
    EXPECT_EQ(server.waitForEnd(), 128 + SIGKILL);
    for (pid_t pid : processes) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
    EXPECT_TRUE(eventually([&] { return !RawClient(server.port()).isConnected(); }));
}

TEST_F(Death, OfTheMasterLetsWorkersAnswerWhatTheyHave) {
    ASSERT_TRUE(server.start());
    RawClient waiting(server.port());
    ASSERT_TRUE(waiting.send("GET /slow?700 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_TRUE(eventually([&] {
        auto totals = server.status()->getObject("totals");
        return totals && totals->getObject("counters")->getValue<int>("requests_active") == 1;
    }));
    auto processes = descendants(server.pid());
    server.signal(SIGKILL);
    EXPECT_EQ(server.waitForEnd(), 128 + SIGKILL);
    EXPECT_EQ(waiting.answer().status, 200);
    for (pid_t pid : processes) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
}

TEST_F(Death, OfTheMasterTakesPhpAlong) {
    if (!hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    server.folder().write("public/page.php", "<?php echo 'page';");
    server.setup.sites = phpFpmSite();
    ASSERT_TRUE(server.start());
    ASSERT_EQ(get(server.port(), "/page.php").body, "page");
    auto processes = descendants(server.pid());
    ASSERT_GE(processes.size(), 7u);  // php-fpm has three children
    server.signal(SIGKILL);
    EXPECT_EQ(server.waitForEnd(), 128 + SIGKILL);
    for (pid_t pid : processes) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
    ASSERT_TRUE(server.start());
    EXPECT_EQ(get(server.port(), "/page.php").body, "page");
}

TEST_F(Death, OfAWorkerEndsItsProgramsOnly) {
    ASSERT_TRUE(server.start());
    auto first = startSlow();
    auto programs = descendants(server.number("spawner_pid"));
    const auto backend = server.backend();
    for (pid_t pid : backend) programs.erase(pid);
    ASSERT_EQ(programs.size(), 3u);
    for (pid_t worker : server.workers()) signalTo(worker, SIGSEGV);
    for (pid_t pid : programs) EXPECT_TRUE(eventually([&] { return !isAlive(pid); })) << pid;
    EXPECT_EQ(first->answer().status, 0);
    EXPECT_EQ(get(server.port(), "/cgi-bin/hello").body, "hello\n");
    EXPECT_EQ(server.backend(), backend);
}

}  // namespace
}  // namespace turnpike::e2e
