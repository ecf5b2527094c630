// Backends that die: at once, again and again, or under load.
#include <Poco/JSON/Array.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <regex>

#include "load.h"
#include "php_site.h"
#include "processes.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;

class Backends : public ::testing::Test {
 protected:
    Backends() { std::filesystem::create_directories(server.path("public")); }
    void configure(const std::string& command, const std::string& more = "") {
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n"
            "[[site.route]]\nprefix = \"/app\"\nplugin = \"fastcgi\"\ncommand = " +
            command + "\n" + more + "[[site.route]]\nprefix = \"/\"\nplugin = \"teller\"\n";
    }
    int restarts() const {
        auto list = server.status()->getArray("backends");
        return list && list->size() > 0 ? list->getObject(0)->getValue<int>("restarts") : -1;
    }
    size_t logged(const std::string& text) const {
        size_t count = 0;
        const std::string log = server.errorLog();
        for (size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
        return count;
    }

    Turnpike server;
};

TEST_F(Backends, ThatDieAtOnceAreTriedAgainMoreAndMoreSeldom) {
    configure("[\"/bin/sh\", \"-c\", \"echo no licence >&2; exit 3\"]",
              "restart = \"20ms\"\noutage = \"200ms\"\n");
    ASSERT_TRUE(server.start());
    ASSERT_TRUE(eventually([&] { return restarts() >= 4; }));
    const std::regex died(R"(backend [^:]+: process \d+ ended with exit status 3, trying again in (\d+) ms)");
    const std::string log = server.errorLog();
    std::vector<int> pauses;
    for (std::sregex_iterator found(log.begin(), log.end(), died), end; found != end; ++found)
        pauses.push_back(std::stoi((*found)[1]));
    ASSERT_GE(pauses.size(), 4u) << log;
    for (size_t i = 0; i < pauses.size(); ++i) EXPECT_EQ(pauses[i], 20 << i);
    EXPECT_THAT(log, HasSubstr(": no licence")) << "what it said itself";

    Answer answer = get(server.port(), "/app");
    EXPECT_EQ(answer.status, 503) << answer.head;
    EXPECT_NE(answer.field("retry-after"), "");
    EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("licence"))) << "the visitor sees no internals";
    EXPECT_TRUE(server.waitForLog("\"GET /app\": backend unix:"));
    EXPECT_TRUE(server.waitForLog("cannot be reached for more than 200 ms: its program is not running"));
    EXPECT_EQ(get(server.port(), "/pid").status, 200) << "the rest of the site is served";
    EXPECT_EQ(server.stop(), 0) << "a restart that is due does not keep it";
}

TEST_F(Backends, ThatCannotBeStartedAreNamed) {
    for (const char* command : {"[\"/nowhere/program\"]", "[\"/etc/passwd\"]"}) {
        configure(command, "outage = \"100ms\"\n");
        ASSERT_TRUE(server.start());
        EXPECT_TRUE(
            server.waitForLog(std::string("cannot start ") + (command[2] == '/' && command[3] == 'n'
                                                                  ? "/nowhere/program: execve: No such file"
                                                                  : "/etc/passwd: execve: Permission denied")));
        Answer answer = get(server.port(), "/app");
        EXPECT_TRUE(answer.status == 502 || answer.status == 503) << answer.head;
        EXPECT_EQ(server.stop(), 0);
    }
}

class Php : public Backends {
 protected:
    void SetUp() override {
        if (!hasPhpFpm()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
        server.folder().write("public/quick.php", "<?php echo 'quick';");
        server.folder().write("public/slow.php", "<?php usleep(150000); echo 'slow';");
        server.folder().write("public/pid.php", "<?php echo getmypid();");
        server.setup.sites = phpFpmSite();
        // Each death makes the next pause longer, and this machine may be busy.
        server.setup.sites.insert(server.setup.sites.find("children"), "outage = \"8s\"\n");
        ASSERT_TRUE(server.start());
        ASSERT_EQ(get(server.port(), "/quick.php").body, "quick");
    }
    /// The one process of php-fpm that is not in `before`.
    pid_t replaced(const std::set<pid_t>& before) {
        std::set<pid_t> now;
        EXPECT_TRUE(eventually([&] {
            now = server.backend();
            return now.size() == 1 && now != before;
        }));
        return now.empty() ? 0 : *now.begin();
    }
};

TEST_F(Php, ThatIsKilledIsStartedAgainAndQueuedRequestsSurviveIt) {
    Load load(server.port(), {exactly("/quick.php", "quick")}, 6, 2);
    for (int round = 0; round < 3; ++round) {
        // Nobody waits for a second answer any more: a request is asked twice, not three times.
        ASSERT_TRUE(eventually([&] { return logged("can be reached again") == logged("cannot be reached: "); }));
        ASSERT_TRUE(load.goesOn(200));
        auto before = server.backend();
        auto children = descendants(firstOf(before));
        signalTo(firstOf(before), SIGKILL);
        EXPECT_GT(replaced(before), 0);
        for (pid_t child : children)
            EXPECT_TRUE(eventually([&] { return !isAlive(child); })) << "an orphan of PHP";
        ASSERT_TRUE(load.goesOn(50));
    }
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(restarts(), 3);
}

TEST_F(Php, WithFewerChildrenThanWorkersServesThemAll) {
    server.setup.workers = 6;  // and three children
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    // A connection of each worker: it alone can accept while the others are stopped.
    const auto workers = server.workers();
    std::vector<std::unique_ptr<RawClient>> clients;
    for (pid_t chosen : workers) {
        for (pid_t pid : workers) signalTo(pid, pid == chosen ? SIGCONT : SIGSTOP);
        ASSERT_TRUE(eventually([&] {
            return std::all_of(workers.begin(), workers.end(),
                               [&](pid_t pid) { return pid == chosen || stateOf(pid) == 'T'; });
        }));
        clients.push_back(std::make_unique<RawClient>(server.port()));
        ASSERT_TRUE(clients.back()->send("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        ASSERT_EQ(clients.back()->answer().status, 404);
    }
    for (pid_t pid : workers) signalTo(pid, SIGCONT);
    // Those that are first would keep their connections to PHP for the next request.
    for (auto& client : clients) {
        ASSERT_TRUE(client->send("GET /quick.php HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        EXPECT_EQ(client->answer().body, "quick");
    }
    EXPECT_TRUE(server.errorLog().find("in the queue for") == std::string::npos);
}

TEST_F(Php, WhoseChildIsKilledLosesNoReadingRequest) {
    Load load(server.port(), {exactly("/slow.php", "slow"), exactly("/quick.php", "quick")}, 4, 2);
    for (int round = 0; round < 5; ++round) {
        ASSERT_TRUE(load.goesOn(10));
        auto children = descendants(firstOf(server.backend()));
        ASSERT_FALSE(children.empty());
        signalTo(firstOf(children), round % 2 == 0 ? SIGKILL : SIGSEGV);
    }
    ASSERT_TRUE(load.goesOn(10));
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    EXPECT_EQ(restarts(), 0);
}

TEST_F(Php, ThatIsKilledMidAnswerNeverMakesAWholeOne) {
    server.folder().write("public/half.php",
                          "<?php echo str_repeat('h', 100000); flush(); usleep(10000000); echo 'end';");
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /half.php HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    auto before = server.backend();
    std::string first = client.rest(500);  // the head and the half have come
    ASSERT_THAT(first, HasSubstr("hhhh"));
    signalTo(firstOf(before), SIGKILL);
    bool closed = false;
    std::string last = client.rest(5000, &closed);
    EXPECT_TRUE(closed);
    EXPECT_FALSE((first + last).ends_with("\r\n0\r\n\r\n"));
    EXPECT_TRUE(server.waitForLog("\"GET /half.php\": "));
    EXPECT_EQ(get(server.port(), "/quick.php").body, "quick");
}

TEST_F(Php, ThatIsStoppedForAMomentIsWaitedFor) {
    const auto before = server.backend();
    auto all = descendants(firstOf(before));
    all.insert(firstOf(before));
    for (pid_t pid : all) ASSERT_TRUE(signalTo(pid, SIGSTOP));
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /quick.php HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_EQ(client.rest(300), "");
    for (pid_t pid : all) ASSERT_TRUE(signalTo(pid, SIGCONT));
    EXPECT_EQ(client.answer().body, "quick");
    EXPECT_EQ(server.backend(), before);
}

}  // namespace
}  // namespace turnpike::e2e
