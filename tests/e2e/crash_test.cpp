// Workers that are killed under load: who pays for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "load.h"
#include "processes.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

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
[[site.route]]
prefix = "/"
plugin = "static"
)";

class Crash : public ::testing::Test {
 protected:
    Crash() {
        server.setup.workers = 3;
        server.setup.sites = kSite;
        server.folder().write("public/page.txt", page);
    }

    /// Sockets that a worker has open. The kernel knows of a connection before the worker has counted it.
    static size_t socketsOf(pid_t pid) {
        size_t count = 0;
        std::error_code gone;
        for (const auto& fd : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
            count += std::filesystem::read_symlink(fd, gone).string().starts_with("socket:") ? 1 : 0;
        return count;
    }
    /// Every one of the workers but the killed is the same as before; and there is one that is new.
    void expectReplaced(const std::set<pid_t>& before, pid_t killed) {
        ASSERT_TRUE(eventually([&] {
            auto now = server.workers();
            return now.size() == before.size() && !now.contains(killed);
        }));
        auto now = server.workers();
        for (pid_t pid : before) EXPECT_TRUE(pid == killed || now.contains(pid)) << pid << " was touched";
    }
    static Load::Page pid(const std::string& path) {
        return {path, [](const Answer& a) { return a.status == 200 && std::atoi(a.body.c_str()) > 0; }};
    }

    std::string page = std::string(20'000, 'p');
    Turnpike server;
};

TEST_F(Crash, CostsOnlyTheRequestsInFlightOnThatWorker) {
    ASSERT_TRUE(server.start());
    const auto backend = server.backend();
    ASSERT_EQ(backend.size(), 1u);
    const int spawner = server.number("spawner_pid");
    size_t own = SIZE_MAX;  // without connections
    for (pid_t worker : server.workers()) own = std::min(own, socketsOf(worker));
    // Only /slow and /pid, so that what a client saw before on its connection names the worker.
    Load load(server.port(), {pid("/slow?10"), pid("/pid"), pid("/slow?3")}, 6, 2);
    std::set<pid_t> killed;
    size_t allowed = 0;
    for (int round = 0; round < 4; ++round) {
        ASSERT_TRUE(load.goesOn(50));
        auto before = server.workers();
        pid_t victim = *std::next(before.begin(), round % 3);
        killed.insert(victim);
        signalTo(victim, SIGSTOP);  // what it holds now is what it can cost
        ASSERT_TRUE(eventually([&] { return stateOf(victim) == 'T'; }));
        allowed += socketsOf(victim) - own;
        signalTo(victim, SIGSEGV);
        signalTo(victim, SIGCONT);
        expectReplaced(before, victim);
    }
    size_t failed_before = load.misses().size();
    EXPECT_TRUE(load.goesOn(100));
    load.finish();
    EXPECT_EQ(load.misses().size(), failed_before) << load.report();
    EXPECT_LE(failed_before, allowed) << load.report();
    for (const Miss& miss : load.misses()) {
        EXPECT_THAT(miss.what, ::testing::HasSubstr("no answer")) << "nobody is refused, no answer is wrong";
        EXPECT_TRUE(miss.before.empty() || killed.contains(std::atoi(miss.before.c_str()))) << miss.before;
    }
    std::printf("%zu of %zu connections of killed workers lost their request, %lu requests went well\n",
                failed_before, allowed, static_cast<unsigned long>(load.good()));
    EXPECT_EQ(server.backend(), backend);
    EXPECT_EQ(server.number("spawner_pid"), spawner);
    EXPECT_EQ(server.number("worker_deaths"), 4);
    for (pid_t pid : killed)
        EXPECT_TRUE(server.waitForLog("(pid " + std::to_string(pid) + ", generation 1) ended with SIGSEGV"));
}

TEST_F(Crash, OfIdleWorkersCostsNothing) {
    ASSERT_TRUE(server.start());
    for (int round = 0; round < 4; ++round) {
        auto before = server.workers();
        signalTo(firstOf(before), SIGKILL);
        // New connections find another worker, or wait in the kernel for the new one.
        for (int i = 0; i < 20; ++i) {
            Answer answer = get(server.port(), "/page.txt");
            ASSERT_EQ(answer.status, 200);
            ASSERT_EQ(answer.body, page);
        }
        expectReplaced(before, firstOf(before));
    }
}

TEST_F(Crash, OfTheOnlyWorkerMakesRequestsWaitForTheNext) {
    server.setup.workers = 1;
    ASSERT_TRUE(server.start());
    for (int round = 0; round < 3; ++round) {
        auto before = server.workers();
        signalTo(firstOf(before), SIGSTOP);
        ASSERT_TRUE(eventually([&] { return stateOf(firstOf(before)) == 'T'; }));
        RawClient early(server.port());  // in the listening socket's queue: nobody has accepted it
        ASSERT_TRUE(early.send("GET /page.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        signalTo(firstOf(before), SIGKILL);
        Answer answer = early.answer();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, page);
        expectReplaced(before, firstOf(before));
    }
}

}  // namespace
}  // namespace turnpike::e2e
