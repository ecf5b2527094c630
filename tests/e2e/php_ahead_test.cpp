// Requests that wait with an interpreter while it answers another one: nothing is lost, nothing is run twice, and
// nobody waits behind a slow script while another interpreter has nothing to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <deque>

#include "php_site.h"
#include "processes.h"
#include "support/server_process.h"

namespace turnpike::e2e {
namespace {

class PhpAhead : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        ::mkdir(server.path("public").c_str(), 0755);
        ::mkdir(server.path("data").c_str(), 0700);
        giveToWorkers(server.path("data"));
        script("once.php", "file_put_contents(__DIR__ . '/../data/runs', 'x', FILE_APPEND); echo 'done';");
        script("slow.php",
               "echo 'begun'; flush(); while (!file_exists(__DIR__ . '/' . $_GET['until'])) { usleep(1000); "
               "clearstatcache(); } echo ' ended';");
        script("die.php", "posix_kill(getmypid(), 9); usleep(1000000);");
    }
    void script(const std::string& name, const std::string& code) {
        server.folder().write("public/" + name, "<?php while (ob_get_level() > 0) ob_end_clean(); " + code);
        const std::filesystem::path path = server.path("public/" + name);
        std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) - std::chrono::hours(1));
    }
    void start(const std::string& keys) {
        server.setup.sites = embeddedSite(keys);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    RawClient& send(const std::string& method, const std::string& path) {
        RawClient& client = clients.emplace_back(server.port());
        EXPECT_TRUE(client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                                (method == "POST" ? "Content-Length: 4\r\n\r\nbody" : "\r\n")));
        return client;
    }
    /// All that comes within ten seconds, up to `text`.
    static std::string upTo(RawClient& client, const std::string& text) {
        std::string got;
        for (int i = 0; i < 100 && got.find(text) == std::string::npos; ++i) got += client.rest(100);
        return got;
    }
    /// Every interpreter has answered a quick request: more may wait with it.
    void warm() {
        for (int i = 0; i < 80; ++i) send("GET", "/once.php");
        for (RawClient& client : clients) EXPECT_THAT(upTo(client, "done"), testing::HasSubstr("done"));
        clients.clear();
        std::filesystem::remove(server.path("data/runs"));
    }
    size_t runs() const {
        const std::filesystem::path path = server.path("data/runs");
        return std::filesystem::exists(path) ? std::filesystem::file_size(path) : 0;
    }

    Turnpike server;
    std::deque<RawClient> clients;
};

TEST_F(PhpAhead, NobodyWaitsBehindASlowScriptWhileAnotherInterpreterIsFree) {
    start("children = 2");
    warm();
    RawClient& first = send("GET", "/slow.php?until=first");
    RawClient& second = send("GET", "/slow.php?until=second");
    upTo(first, "begun");
    upTo(second, "begun");
    std::vector<RawClient*> quick;
    quick.reserve(8);
    for (int i = 0; i < 8; ++i) quick.push_back(&send("POST", "/once.php"));
    server.folder().write("public/second", "");
    for (RawClient* client : quick) EXPECT_THAT(upTo(*client, "done"), testing::HasSubstr(" 200 "));
    EXPECT_EQ(runs(), quick.size());
    server.folder().write("public/first", "");
    EXPECT_THAT(upTo(first, " ended"), testing::HasSubstr(" ended"));
}

TEST_F(PhpAhead, AnInterpreterThatDiesTakesNoOtherRequestWithIt) {
    start("children = 1");
    constexpr size_t kRounds = 25, kOthers = 3;
    for (size_t round = 1; round <= kRounds; ++round) {
        clients.clear();
        for (int i = 0; i < 3; ++i)
            EXPECT_THAT(upTo(send("GET", "/slow.php?until=die.php"), "ended"), testing::HasSubstr("ended"));
        RawClient& dying = send("POST", "/die.php");
        std::vector<RawClient*> others;
        for (size_t i = 0; i < kOthers; ++i) others.push_back(&send("POST", "/once.php"));
        EXPECT_THAT(upTo(dying, " 502 "), testing::HasSubstr(" 502 "));
        for (RawClient* client : others)
            ASSERT_THAT(upTo(*client, "done"), testing::HasSubstr(" 200 ")) << round << server.errorLog();
        ASSERT_EQ(runs(), round * kOthers);
    }
}

TEST_F(PhpAhead, WhoLeavesTakesNoOtherRequestWithHim) {
    start("children = 1");
    warm();
    constexpr size_t kRounds = 60;
    size_t answered = 0;
    for (size_t round = 0; round < kRounds; ++round) {
        clients.clear();
        for (int i = 0; i < 6; ++i) send("POST", "/once.php");
        for (size_t i = round % 2; i < clients.size(); i += 2) clients[i].reset();
        for (size_t i = 1 - round % 2; i < clients.size(); i += 2) {
            ASSERT_THAT(upTo(clients[i], "done"), testing::HasSubstr(" 200 ")) << round << server.errorLog();
            ++answered;
        }
    }
    EXPECT_GE(runs(), answered) << "those who left may have been answered";
    EXPECT_LE(runs(), kRounds * 6) << "and nothing is run twice";
    EXPECT_THAT(upTo(send("POST", "/once.php"), "done"), testing::HasSubstr(" 200 "));
}

TEST_F(PhpAhead, ReplacedInterpretersGiveBackWhatTheyHaveNotBegun) {
    start("children = 2\nrecycle = 3");
    warm();
    constexpr size_t kAll = 120;
    for (size_t i = 0; i < kAll; ++i) send("POST", "/once.php");
    for (RawClient& client : clients)
        ASSERT_THAT(upTo(client, "done"), testing::HasSubstr(" 200 ")) << server.errorLog();
    EXPECT_EQ(runs(), kAll);
}

}  // namespace
}  // namespace turnpike::e2e
