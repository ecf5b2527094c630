// A worker whose descriptors have run out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <vector>

#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

constexpr const char* kSite = R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
prefix = "/"
plugin = "teller"
[[site.route]]
prefix = "/"
plugin = "static"
)";
constexpr rlim_t kDescriptors = 80;

class Descriptors : public ::testing::Test {
 protected:
    Descriptors() {
        server.setup.sites = kSite;
        server.setup.workers = 1;
        server.folder().write("public/page.txt", "page\n");
        server.setup.before_exec = [] {
            rlimit limit{kDescriptors, kDescriptors};
            ::setrlimit(RLIMIT_NOFILE, &limit);
        };
    }
    Answer page() {
        RawClient client(server.port());
        client.send("GET /page.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return client.answer();
    }

    Turnpike server;
    std::vector<std::unique_ptr<RawClient>> clients;
};

TEST_F(Descriptors, ThatIdleConnectionsHoldAreTakenFromThem) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer opens a pipe to look at an object, and without one takes it for a wild pointer";
#endif
    ASSERT_TRUE(server.start());
    for (rlim_t i = 0; i < 2 * kDescriptors; ++i) clients.push_back(std::make_unique<RawClient>(server.port()));
    for (int i = 0; i < 5; ++i) {
        Answer answer = page();
        EXPECT_EQ(answer.status, 200) << i;
        EXPECT_EQ(answer.body, "page\n");
    }
    EXPECT_TRUE(server.waitForLog("descriptors have run out (RLIMIT_NOFILE)"));
    EXPECT_EQ(server.number("worker_deaths"), 0);
}

TEST_F(Descriptors, ThatKeptConnectionsHoldAreTakenFromThem) {
    ASSERT_TRUE(server.start());
    for (rlim_t i = 0; i < 2 * kDescriptors; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        ASSERT_TRUE(clients.back()->send("GET /page.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        EXPECT_EQ(clients.back()->answer().body, "page\n") << i;
    }
    EXPECT_EQ(page().body, "page\n");
}

TEST_F(Descriptors, ThatBusyConnectionsHoldAreWaitedForWithoutSpinning) {
    ASSERT_TRUE(server.start());
    const pid_t worker = firstOf(server.workers());
    for (rlim_t i = 0; i < 2 * kDescriptors; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        clients.back()->send("GET /slow?1500 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }
    ASSERT_TRUE(server.waitForLog("descriptors have run out"));
    const long before = cpuMs(worker);
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    EXPECT_LE(cpuMs(worker) - before, 200) << "it turns round and round";
    size_t answered = 0, refused = 0;
    for (auto& client : clients) ++(client->answer().status == 200 ? answered : refused);
    std::printf("%zu were answered, %zu refused\n", answered, refused);
    EXPECT_GE(answered, kDescriptors / 5);
    clients.clear();
    EXPECT_EQ(page().body, "page\n");
    EXPECT_EQ(server.number("worker_deaths"), 0);
    const std::string log = server.errorLog();
    EXPECT_LE(std::count(log.begin(), log.end(), '\n'), 40) << "one line for each second is enough";
}

}  // namespace
}  // namespace turnpike::e2e
