// The plugin in the real server: several workers and several routes share a backend's children.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <regex>

#include "scripted_backend.h"
#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::fastcgi::test {
namespace {

std::string route(const std::string& prefix, const std::string& keys) {
    return "[[site.route]]\nprefix = \"" + prefix + "\"\nplugin = \"fastcgi\"\nqueue_timeout = \"2s\"\n" + keys +
           "\n";
}

std::string askFor(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n"; }

std::vector<pid_t> workersOf(const ServerProcess& server) {
    std::string status;
    server.run("status --json", &status);
    std::vector<pid_t> pids;
    std::regex worker("\"pid\":\\s*(\\d+),\\s*\"state\"");
    for (std::sregex_iterator at(status.begin(), status.end(), worker), end; at != end; ++at)
        pids.push_back(std::stoi((*at)[1]));
    return pids;
}

bool isWaitedFor(const ServerProcess& server) {
    std::string status;
    server.run("status --json", &status);
    return std::regex_search(status, std::regex("\"waiting_workers\":\\s*1"));
}

TEST(FastCgiServer, NoWorkerStarvesWhileAnotherHoldsIdleConnections) {
    ScriptedBackend backend;
    ServerProcess server("[[site]]\nname = \"t\"\nhosts = [\"*\"]\n" +
                             route("/app", "address = \"" + backend.address() + "\"\nchildren = 1"),
                         "workers = 2\ndefer_accept = \"0s\"");  // a nudge brings no data
    ASSERT_TRUE(server.isUp());
    std::vector<pid_t> workers;
    for (int i = 0; i < 200 && workers.size() < 2; ++i) {  // the port answers before all of them are ready
        workers = workersOf(server);
        if (workers.size() < 2) ::usleep(20'000);
    }
    ASSERT_EQ(workers.size(), 2u);
    // Who is stopped accepts nothing: so each client is with the worker that it is meant for. But the kernel may
    // have told the stopped one, and only that one: one more connection wakes the other.
    std::vector<std::unique_ptr<RawClient>> nudges;
    auto nudge = [&] { nudges.push_back(std::make_unique<RawClient>(server.port())); };
    ::kill(workers[1], SIGSTOP);
    RawClient first(server.port());
    EXPECT_TRUE(first.send(askFor("/app/x")));
    nudge();
    EXPECT_EQ(first.answer().body, "hello");
    ::kill(workers[0], SIGSTOP);
    ::kill(workers[1], SIGCONT);
    RawClient second(server.port());
    EXPECT_TRUE(second.send(askFor("/app/x")));
    for (int i = 0; i < 100 && !isWaitedFor(server); ++i) nudge();
    ::kill(workers[0], SIGCONT);
    EXPECT_EQ(second.answer().body, "hello") << server.errorLog();
    EXPECT_TRUE(first.send(askFor("/app/x")));
    EXPECT_EQ(first.answer().body, "hello") << "and back";
    EXPECT_EQ(backend.connections, 3u);
}

TEST(FastCgiServer, RoutesAndSitesShareOneBackend) {
    ScriptedBackend backend;
    std::string keys = "address = \"" + backend.address() + "\"\nchildren = 1";
    ServerProcess server("[[site]]\nname = \"t\"\nhosts = [\"t\"]\n" + route("/app", keys) + route("/api", keys) +
                         "[[site]]\nname = \"u\"\nhosts = [\"u\"]\n" + route("/", keys));
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    for (int round = 0; round < 5; ++round) {
        for (const char* path : {"/app/x", "/api/x"}) {
            ASSERT_TRUE(client.send(askFor(path)));
            ASSERT_EQ(client.answer().body, "hello") << server.errorLog();
        }
        ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: u\r\n\r\n"));
        ASSERT_EQ(client.answer().body, "hello") << server.errorLog();
    }
    // One backend with one place for all three routes, which take it in turn.
    std::string status;
    ASSERT_EQ(server.run("status --json", &status), 0);
    const std::regex one_held("\"held\":\\s*[01],"), one_place("\"places\":\\s*1,"), any_place("\"places\"");
    auto count = [&](const std::regex& what) {
        return std::distance(std::sregex_iterator(status.begin(), status.end(), what), std::sregex_iterator());
    };
    EXPECT_EQ(count(one_held), 1) << status;
    EXPECT_EQ(count(one_place), 1) << status;
    EXPECT_EQ(count(any_place), 1) << status;
}

TEST(FastCgiServer, HandsABodyOnWhileItComesIn) {
    ScriptedBackend backend;
    ServerProcess server("[[site]]\nname = \"t\"\nhosts = [\"*\"]\n" +
                         route("/app", "address = \"" + backend.address() + "\"\nstream_body = true"));
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    std::string half(300'000, 'x'), head = "POST /app/x HTTP/1.1\r\nHost: t\r\nContent-Length: 600000\r\n\r\n";
    for (unsigned round = 0; round < 2; ++round) {
        ASSERT_TRUE(client.send(head + half));
        for (int i = 0; i < 1000 && backend.connections == 0; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_EQ(backend.connections, 1u);
        EXPECT_EQ(backend.requests, round);
        ASSERT_TRUE(client.send(half));
        ASSERT_EQ(client.answer().body, "hello") << server.errorLog();
        EXPECT_EQ(backend.seen().at(round).body, half + half);
    }
}

/// The same programs over the unix socket that they have by default, and over TCP.
TEST(FastCgiServer, StartsProgramsOnEitherTransport) {
    if (!std::filesystem::exists("/usr/bin/php-cgi")) GTEST_SKIP() << "php-cgi is not installed (package php-cgi)";
    TempFolder site;
    site.write("x.php", "<?php echo 'from ', PHP_SAPI;");
    ::chmod(site.path().c_str(), 0755);
    const std::string tcp = "127.0.0.1:" + std::to_string(freePort());
    ServerProcess server(
        "[[site]]\nname = \"t\"\nhosts = [\"*\"]\nroot = \"" + site.path() + "\"\n" +
        route("/", "preset = \"php-fpm\"\ncommand = [\"/usr/bin/php-cgi\"]\nlisten = \"" + tcp + "\"") +
        "[[site]]\nname = \"u\"\nhosts = [\"u\"]\nroot = \"" + site.path() + "\"\n" +
        route("/", "preset = \"php-fpm\"\ncommand = [\"/usr/bin/php-cgi\"]"));
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/x.php").body, "from cgi-fcgi") << server.errorLog();
    EXPECT_EQ(ask(server.port(), "GET /x.php HTTP/1.1\r\nHost: u\r\nConnection: close\r\n\r\n").body,
              "from cgi-fcgi");
    std::string status;
    server.run("status --json", &status);
    EXPECT_NE(status.find("\"" + tcp + "\""), std::string::npos) << status;
    EXPECT_NE(status.find("\"unix:"), std::string::npos);
}

TEST(FastCgiServer, StartsPhpFpmOnAPort) {
    std::string installed;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/sbin"))
        if (entry.path().filename().string().starts_with("php-fpm")) installed = entry.path();
    if (installed.empty()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    TempFolder site;
    site.write("x.php", "<?php echo 'from ', PHP_SAPI;");
    ::chmod(site.path().c_str(), 0755);
    ServerProcess server("[[site]]\nname = \"t\"\nhosts = [\"*\"]\nroot = \"" + site.path() + "\"\n" +
                         route("/", "preset = \"php-fpm\"\noutage = \"10s\"\nlisten = \"127.0.0.1:" +
                                        std::to_string(freePort()) + "\""));
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/x.php").body, "from fpm-fcgi") << server.errorLog();
}

TEST(FastCgiServer, SaysSoonThatASupervisedProgramKeepsDying) {
    ServerProcess server("[[site]]\nname = \"t\"\nhosts = [\"*\"]\n" +
                         route("/app", "command = [\"/bin/false\"]\nrestart = \"10s\"\noutage = \"200ms\""));
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/app/x").status, 503);
    EXPECT_TRUE(server.waitForLog("its program is not running"));
}

}  // namespace
}  // namespace turnpike::fastcgi::test
