#include "measure/window.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace turnpike::measure {
namespace {

using ledger::Class;

/// A server of paper that needs a moment to write its last request down.
struct LateServer {
    uint64_t requests = 10, open = 0;
    int late = 0;  // so many times it is asked before the last request is counted
    MachineReading machine;

    Sources sources() {
        return {[this] { return status(); }, [this](pid_t) { return std::optional(machine); },
                [this](const Load&) { return run(); }};
    }
    Result<ServerStatus> status() {
        ServerStatus status;
        const bool is_late = late > 0 && late-- > 0;
        status.requests = is_late ? requests - 1 : requests;
        status.open = is_late ? 1 : open;
        status.accepted = status.requests / 5;
        status.crossings.of[size_t(Class::Client)] = {2 * status.requests, 1, 100 * status.requests};
        status.children_us = status.requests;
        return status;
    }
    LoadOutcome run() {
        requests += 5;
        late = 3;
        machine.server.engine_ns += 5000;
        machine.server.backend_ns += 700;
        machine.database_ns += 300;
        machine.steal_ns += 2000;
        machine.foreign_ns += 4000;
        machine.run_queue_ns += 1000;
        machine.processors = 2;
        LoadOutcome outcome;
        outcome.requests = 5;
        outcome.elapsed_ns = 10'000;
        return outcome;
    }
};

TEST(Window, HoldsAllThatWasAskedFor) {
    LateServer server;
    auto window = measureWindow(server.sources(), Load{});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->requests, 5u);
    EXPECT_EQ(window->accepted, 1u);
    EXPECT_EQ(window->crossings.of[size_t(Class::Client)].calls, 10u);
    EXPECT_EQ(window->crossings.of[size_t(Class::Client)].bytes, 500u);
    EXPECT_EQ(window->engine_ns, 5000u);
    EXPECT_EQ(window->backend_ns, 700u + 5'000u);
    EXPECT_EQ(window->database_ns, 300u);
}

TEST(Window, SharesAreOfWhatTheMachineHad) {
    LateServer server;
    auto window = measureWindow(server.sources(), Load{});
    ASSERT_TRUE(window);
    EXPECT_DOUBLE_EQ(window->steal_share, 0.1);
    EXPECT_DOUBLE_EQ(window->foreign_share, 0.2);
    EXPECT_DOUBLE_EQ(window->run_queue_share, 0.1);
}

TEST(Window, WaitsForNoRequestsWhereNoneAreMade) {
    LateServer server;
    Sources sources = server.sources();
    int asked = 0;
    sources.status = [&] {
        ++asked;
        ServerStatus status = *server.status();
        status.requests = 10;
        return Result<ServerStatus>(status);
    };
    sources.has_requests = false;
    auto window = measureWindow(sources, Load{});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->requests, 0u);
    EXPECT_LT(asked, 20);
}

TEST(Window, TakesAServerThatOthersUseAsItIs) {
    LateServer server;
    server.open = 1;
    auto window = measureWindow(server.sources(), Load{});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->requests, 5u);
}

TEST(Window, FailsWithTheServer) {
    LateServer server;
    Sources sources = server.sources();
    sources.status = [] { return Result<ServerStatus>(Error{ENOENT, "turnpike is not running"}); };
    auto window = measureWindow(sources, Load{});
    ASSERT_FALSE(window);
    EXPECT_EQ(window.error().text, "turnpike is not running");
}

TEST(Machine, TellsWhatProcessesHaveUsed) {
    const auto before = readMachine(::getpid(), 0);
    ASSERT_TRUE(before);
    EXPECT_GE(before->processors, 1u);
    EXPECT_GT(before->server.engine_ns, 0u);
    const auto with_database = readMachine(::getpid(), ::getpid());
    ASSERT_TRUE(with_database);
    EXPECT_GE(with_database->database_ns, before->server.engine_ns);
}

}  // namespace
}  // namespace turnpike::measure
