#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/temp_folder.h"
#include "test_server.h"

namespace turnpike::measure {
namespace {

using testing::HasSubstr;

TestServer::Answer always(const std::string& reply) {
    return [reply](unsigned, const std::string&) { return reply; };
}

TEST(ClosedLoop, MakesExactlyTheRequestsAskedFor) {
    TestServer server(always(okay("hello")));
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_EQ(outcome.latency_ns.count(), 100u);
    EXPECT_EQ(outcome.service_ns.count(), 100u);
    EXPECT_EQ(outcome.latency_ns.percentile(50), outcome.service_ns.percentile(50));
    EXPECT_EQ(outcome.connects, 3u);
    EXPECT_EQ(outcome.shortest_body, 5u);
    EXPECT_EQ(outcome.longest_body, 5u);
    EXPECT_EQ(outcome.received, 100 * okay("hello").size());
    EXPECT_GT(outcome.cpu_ns, 0u);
    EXPECT_LE(outcome.cpu_ns, outcome.elapsed_ns);
    EXPECT_EQ(server.requests().size(), 100u);
    EXPECT_EQ(server.requests().front(), "GET /page?x=1 HTTP/1.1\r\nHost: test\r\n\r\n");
}

TEST(ClosedLoop, EndsWhenItsTimeIsOver) {
    TestServer server(always(okay("")));
    Load load = server.load();
    load.most_requests = UINT64_MAX;
    load.duration_ms = 50;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_GT(outcome.requests, 0u);
    EXPECT_EQ(outcome.requests, server.requests().size());
    EXPECT_GE(outcome.elapsed_ns, 50'000'000u);
}

TEST(ClosedLoop, ConnectsAgainWhenTheServerClosesPolitely) {
    TestServer server(
        [](unsigned n, const std::string&) { return okay("ok", n % 10 == 0 ? "Connection: close\r\n" : ""); });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_GE(outcome.connects, 10u);
}

TEST(ClosedLoop, TakesAConnectionForEachRequestWhenTold) {
    TestServer server(always(okay("ok", "Connection: close\r\n")));
    Load load = server.load();
    load.keep_alive = false;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_EQ(outcome.connects, 100u);
    EXPECT_THAT(server.requests(), testing::Each(HasSubstr("\r\nConnection: close\r\n")));
}

TEST(ClosedLoop, ClosesItselfWhereTheServerWouldNot) {
    TestServer server(always(okay("ok")));
    Load load = server.load();
    load.keep_alive = false;
    EXPECT_EQ(runLoad(load).connects, 100u);
}

TEST(ClosedLoop, AsksForAMixInTurnWithItsFields) {
    TestServer server(always(okay("ok")));
    Load load = server.load();
    load.paths = {"/a", "/b", "/b"};
    load.fields = {"X-One: 1", "X-Two: 2"};
    load.connections = 1;
    EXPECT_EQ(runLoad(load).failure, "");
    auto requests = server.requests();
    ASSERT_EQ(requests.size(), 100u);
    for (size_t i = 0; i < requests.size(); ++i)
        EXPECT_EQ(requests[i], std::string("GET ") + (i % 3 == 0 ? "/a" : "/b") +
                                   " HTTP/1.1\r\nHost: test\r\nX-One: 1\r\nX-Two: 2\r\n\r\n");
}

TEST(ClosedLoop, ReadsABodyThatEndsByClosing) {
    TestServer server(always("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(200'000, 'x')));
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_EQ(outcome.shortest_body, 200'000u);
}

TEST(ClosedLoop, SpeaksIPv6AndUnixSockets) {
    TempFolder folder;
    for (const std::string& address : {std::string("[::1]:0"), "unix:" + folder.path() + "/socket"}) {
        TestServer server(always(okay("ok")), address);
        LoadOutcome outcome = runLoad(server.load());
        EXPECT_EQ(outcome.failure, "") << address;
        EXPECT_EQ(outcome.requests, 100u) << address;
    }
}

TEST(ClosedLoop, StopsAtTheFirstWrongAnswer) {
    TestServer server([](unsigned n, const std::string&) {
        return n == 20 ? "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n" : okay("");
    });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "status 502 for /page?x=1");
    EXPECT_LT(outcome.requests, 100u);
}

TEST(ClosedLoop, SaysWhatIsWrongWithAnAnswer) {
    struct {
        std::string reply, failure;
    } cases[] = {
        {"", "the server closed without an answer"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhell",
         "the server closed in the middle of an answer"},
        {okay("hello") + "more", "bytes after the answer"},
        {"HTTP/2 200\r\n\r\n", "not a status line: HTTP/2 200"},
    };
    for (const auto& c : cases) {
        TestServer server(always(c.reply));
        EXPECT_EQ(runLoad(server.load()).failure, c.failure);
    }
}

TEST(ClosedLoop, GivesUpOnASilentServer) {
    TestServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"));
    Load load = server.load();
    load.silence_ms = 50;
    EXPECT_EQ(runLoad(load).failure, "no answer within 50 ms");
}

TEST(ClosedLoop, SaysWhereItCouldNotConnect) {
    Load load;
    load.address = *os::Address::parse("127.0.0.1:1");
    load.paths = {"/"};
    EXPECT_EQ(runLoad(load).failure, "cannot connect to 127.0.0.1:1: Connection refused");
    load.address = *os::Address::parse("unix:/nowhere/socket");
    EXPECT_EQ(runLoad(load).failure, "cannot connect to unix:/nowhere/socket: No such file or directory");
}

TEST(ClosedLoop, WarmsUpWithoutCounting) {
    TestServer server(always(okay("ok")));
    Load load = server.load();
    load.warm_up_ms = 300;  // too short for three windows
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_GT(outcome.warm_up_requests, 0u);
    EXPECT_GE(outcome.warm_up_ns, 300'000'000u);
    EXPECT_TRUE(outcome.warm_up_capped);
    EXPECT_EQ(outcome.requests + outcome.warm_up_requests, server.requests().size());
    EXPECT_EQ(outcome.latency_ns.count(), 100u);
}

TEST(ClosedLoop, MayDoNothingButWarmUp) {
    TestServer server(always(okay("ok")));
    Load load = server.load();
    load.warm_up_ms = 100;
    load.duration_ms = 0;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 0u);
    EXPECT_EQ(outcome.warm_up_requests, server.requests().size());
}

}  // namespace
}  // namespace turnpike::measure
