// The open loop's promises that hold however slow the machine is: how many requests it sends, and that nobody
// waits for less time than the server made them wait.
#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "test_server.h"

namespace turnpike::measure {
namespace {

using std::chrono::milliseconds;

Load openLoad(const TestServer& server, Arrivals arrivals, double rate, uint64_t ms) {
    Load load = server.load();
    load.most_requests = UINT64_MAX;
    load.arrivals = arrivals;
    load.rate = rate;
    load.duration_ms = ms;
    return load;
}

uint64_t countFrom(const Histogram& times, uint64_t least) {
    uint64_t count = 0;
    for (const Histogram::Bucket& bucket : times.content().buckets)
        if (Histogram::beginOf(bucket.index) >= least) count += bucket.count;
    return count;
}

uint64_t dueWithin(Arrivals arrivals, double rate, uint64_t seed, uint64_t ms) {
    Schedule schedule(arrivals, rate, seed);
    uint64_t count = 0;
    while (schedule.next() < ms * 1'000'000) ++count;
    return count;
}

TEST(OpenLoop, SendsAsManyAsTheRateDemands) {
    TestServer server([](unsigned, const std::string&) { return okay("ok"); });
    for (Arrivals arrivals : {Arrivals::Constant, Arrivals::Poisson}) {
        Load load = openLoad(server, arrivals, 500, 400);
        load.connections = 64;
        load.seed = 9;
        size_t before = server.requests().size();
        LoadOutcome outcome = runLoad(load);
        uint64_t due = dueWithin(arrivals, 500, 9, 400);
        EXPECT_EQ(outcome.failure, "");
        EXPECT_EQ(outcome.requests + outcome.unsent, due);
        EXPECT_EQ(server.requests().size() - before, outcome.requests);
        EXPECT_NEAR(outcome.offered, static_cast<double>(due) / 0.4, 0.001);
        EXPECT_GE(outcome.elapsed_ns, 400'000'000u);
        EXPECT_LE(outcome.connects, 64u);
    }
}

TEST(OpenLoop, EndsAtTheNumberOfRequestsAskedFor) {
    TestServer server([](unsigned, const std::string&) { return okay("ok"); });
    Load load = openLoad(server, Arrivals::Constant, 1000, 60'000);
    load.most_requests = 50;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.requests, 50u);
    EXPECT_EQ(outcome.unsent, 0u);
    EXPECT_EQ(server.requests().size(), 50u);
}

// One connection, 20 ms a request, one due every 5 ms: the n-th (from 0) ends at (n + 1) x 20 ms at the earliest
// and was due at n x 5 ms.
TEST(OpenLoop, MakesWaitingForAConnectionPartOfTheLatency) {
    TestServer server([](unsigned, const std::string&) {
        std::this_thread::sleep_for(milliseconds(20));
        return okay("ok");
    });
    Load load = openLoad(server, Arrivals::Constant, 200, 60'000);
    load.connections = 1;
    load.most_requests = 20;
    LoadOutcome outcome = runLoad(load);
    ASSERT_EQ(outcome.failure, "");
    ASSERT_EQ(outcome.requests, 20u);
    for (uint64_t n = 0; n < 20; ++n) {
        uint64_t rank = n + 1;
        double percent = 100.0 * static_cast<double>(rank) / 20;
        EXPECT_GE(outcome.latency_ns.percentile(percent), (20 * rank - 5 * n) * 999'000) << n;
    }
    EXPECT_GE(outcome.service_ns.smallest(), 20'000'000u);
    EXPECT_LT(outcome.service_ns.percentile(50), outcome.latency_ns.percentile(50));
}

TEST(OpenLoop, GivesUpAQueueThatGrewAllTheTime) {
    TestServer server([](unsigned, const std::string&) {
        std::this_thread::sleep_for(milliseconds(20));
        return okay("ok");
    });
    Load load = openLoad(server, Arrivals::Constant, 1000, 300);
    load.connections = 1;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_LE(outcome.requests, 16u);
    EXPECT_EQ(outcome.requests + outcome.unsent, 300u);
    EXPECT_NEAR(outcome.offered, 1000, 0.001);
    EXPECT_NE(refusal(outcome), "");
}

// Request 995 of 1000 is answered after the end: the five behind it are sent all the same. (A machine that stops
// at that moment may leave more of them, which then are a backlog.)
TEST(OpenLoop, StillSendsTheFewThatWaitAtTheEnd) {
    TestServer server([](unsigned number, const std::string&) {
        if (number == 995) std::this_thread::sleep_for(milliseconds(100));
        return okay("ok");
    });
    Load load = openLoad(server, Arrivals::Constant, 1000, 1000);
    load.connections = 1;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests + outcome.unsent, 1000u);
    EXPECT_EQ(server.requests().size(), outcome.requests);
    EXPECT_TRUE(outcome.unsent == 0 || isBacklog(outcome.unsent, 1000)) << outcome.unsent;
}

TEST(OpenLoop, NeedsARate) {
    TestServer server([](unsigned, const std::string&) { return okay("ok"); });
    EXPECT_EQ(runLoad(openLoad(server, Arrivals::Poisson, 0, 100)).failure, "an open loop needs a rate above 0");
}

// A server that stops once for a second. The open loop asks 200 times a second all the time, so a hundred requests
// at least are due in the first half of the stop and wait for half a second or more: over 1 % of 600. The closed
// loop stops too: no more requests are slow than it has connections, of 2000.
class StallingServer {
 public:
    TestServer server{[this](unsigned number, const std::string&) {
        std::lock_guard lock(one_);
        if (number == 200) std::this_thread::sleep_for(milliseconds(1000));
        return okay("ok");
    }};

 private:
    std::mutex one_;
};

constexpr uint64_t kSlowNs = 400'000'000;

TEST(Stall, IsToldByTheOpenLoop) {
    StallingServer stalling;
    Load load = openLoad(stalling.server, Arrivals::Constant, 200, 3000);
    load.connections = 300;
    LoadOutcome outcome = runLoad(load);
    ASSERT_EQ(outcome.failure, "");
    ASSERT_EQ(outcome.requests + outcome.unsent, 600u);
    EXPECT_GE(countFrom(outcome.latency_ns, kSlowNs), 80u);
    EXPECT_GE(outcome.latency_ns.percentile(99), kSlowNs);
}

TEST(Stall, IsToldByTheOpenLoopThoughItRunsOutOfConnections) {
    StallingServer stalling;
    Load load = openLoad(stalling.server, Arrivals::Constant, 200, 3000);
    load.connections = 4;
    LoadOutcome outcome = runLoad(load);
    ASSERT_EQ(outcome.failure, "");
    ASSERT_EQ(outcome.requests + outcome.unsent, 600u);
    EXPECT_GE(countFrom(outcome.latency_ns, kSlowNs), 80u);
    EXPECT_LE(countFrom(outcome.service_ns, 1'000'000'000), 4u) << "the stop itself hits four connections";
}

TEST(Stall, IsHiddenByTheClosedLoop) {
    StallingServer stalling;
    Load load = stalling.server.load();
    load.connections = 4;
    load.most_requests = 2000;
    LoadOutcome outcome = runLoad(load);
    ASSERT_EQ(outcome.failure, "");
    ASSERT_EQ(outcome.requests, 2000u);
    EXPECT_GE(outcome.latency_ns.largest(), 1'000'000'000u) << "somebody did wait";
    EXPECT_LT(countFrom(outcome.latency_ns, kSlowNs), 20u);
    EXPECT_LT(outcome.latency_ns.percentile(99), kSlowNs);
}

}  // namespace
}  // namespace turnpike::measure
