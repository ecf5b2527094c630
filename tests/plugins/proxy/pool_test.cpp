// Several targets, places, queues, time limits and health.
#include <cerrno>
#include <map>
#include <set>

#include "fixture.h"

namespace turnpike::proxy::test {
namespace {

using ::testing::HasSubstr;

class ProxyTargets : public ProxyTest {
 protected:
    void name(ScriptedUpstream& one, const std::string& text) {
        one.setScript([text](Peer& peer, const Seen&) { peer.write(goodAnswer(text)); });
    }
    void SetUp() override {
        name(upstream, "a");
        name(second, "b");
        targets_ = {upstream.address(), second.address()};
    }
    std::string ask(const std::string& client = "192.0.2.1", const std::string& cookie = "") {
        auto& request = get().remote(client, 1);
        if (!cookie.empty()) request.field("cookie", cookie);
        EXPECT_TRUE(host.run(request)) << request.why();
        return request.status() == 200 ? request.text() : std::to_string(request.status());
    }

    ScriptedUpstream second;
};

TEST_F(ProxyTargets, AreAskedInTurn) {
    load();
    std::map<std::string, int> asked;
    for (int i = 0; i < 10; ++i) ++asked[ask()];
    EXPECT_EQ(asked, (std::map<std::string, int>{{"a", 5}, {"b", 5}}));
    EXPECT_EQ(upstream.connections + second.connections, 2u);
}

TEST_F(ProxyTargets, WithFewerConnectionsAreAskedFirst) {
    host.set("balance", "least_connections");
    upstream.setScript([](Peer& peer, const Seen&) { peer.waitForEnd(); });
    load();
    std::vector<fake::Request*> held;
    while (upstream.requests < 1) {
        held.push_back(&get());
        host.begin(*held.back());
        ASSERT_TRUE(becomes([&] { return held.back()->done() || upstream.requests == 1; }));
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(), "b");
}

TEST_F(ProxyTargets, StayTheSameForAClient) {
    host.set("balance", "address");
    load();
    std::set<std::string> used;
    for (int client = 1; client <= 20; ++client) {
        const std::string address = "192.0.2." + std::to_string(client);
        const std::string first = ask(address);
        EXPECT_EQ(ask(address), first);
        EXPECT_EQ(ask(address), first);
        used.insert(first);
    }
    EXPECT_EQ(used.size(), 2u);
}

TEST_F(ProxyTargets, StayTheSameForACookie) {
    host.set("balance", "cookie").set("cookie", "to");
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request));
    const std::string cookie = request.field("set-cookie"), first = request.text();
    EXPECT_EQ(cookie,
              first == "a" ? "to=1; Path=/; HttpOnly; SameSite=Lax" : "to=2; Path=/; HttpOnly; SameSite=Lax");
    for (int i = 0; i < 5; ++i) {
        auto& next = get().field("cookie", "x=y; " + cookie.substr(0, 4));
        ASSERT_TRUE(host.run(next));
        EXPECT_EQ(next.text(), first);
        EXPECT_EQ(next.field("set-cookie"), "") << "it is known already";
    }
    (first == "a" ? upstream : second).stop();
    auto& moved = get().field("cookie", cookie.substr(0, 4));
    ASSERT_TRUE(host.run(moved));
    EXPECT_EQ(moved.text(), first == "a" ? "b" : "a");
    EXPECT_NE(moved.field("set-cookie"), "") << "a target that is gone is given up";
}

TEST_F(ProxyTargets, ThatCannotBeReachedAreSkipped) {
    second.stop();
    load();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(), "a");
    auto& request = post("not idempotent, but nobody has seen it");
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.text(), "a");
    EXPECT_TRUE(host.logged("target " + second.address() + " failed too often: it is left out for 5000 ms"));
}

TEST_F(ProxyTargets, ThatFailAreLeftOut) {
    host.set("max_fails", "2").set("fail_pause", "1h");
    second.setScript([](Peer& peer, const Seen&) { peer.hangUp(); });
    load();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(), "a") << "a GET is asked again elsewhere";
    EXPECT_EQ(second.requests, 2u) << "then it is left out";
}

TEST_F(ProxyTargets, ComeBackAfterTheirPause) {
    host.set("max_fails", "1").set("fail_pause", "50ms");
    second.setScript([](Peer& peer, const Seen&) { peer.hangUp(); });
    load();
    ASSERT_TRUE(becomes([&] { return ask() == "a" && host.logged("failed too often"); }));
    name(second, "b");
    EXPECT_TRUE(becomes([&] { return ask() == "b"; })) << "after its pause it is in again";
    std::map<std::string, int> asked;
    for (int i = 0; i < 10; ++i) ++asked[ask()];
    EXPECT_EQ(asked["b"], 5);
}

TEST_F(ProxyTargets, AreAllAskedWhenAllHaveFailed) {
    host.set("max_fails", "1").set("fail_pause", "1h");
    for (ScriptedUpstream* one : {&upstream, &second})
        one->setScript([](Peer& peer, const Seen&) { peer.hangUp(); });
    load();
    EXPECT_EQ(ask(), "502");
    name(upstream, "a");
    name(second, "b");
    EXPECT_NE(ask(), "502") << "a site that would be down for an hour helps nobody";
}

TEST_F(ProxyTargets, AreAskedForTheirHealth) {
    host.set("health_path", "/health").set("health_interval", "20ms").set("health_status", "204");
    std::atomic<bool> is_well{true};
    for (ScriptedUpstream* one : {&upstream, &second}) {
        const std::string text = one == &upstream ? "a" : "b";
        one->setScript([&, one, text](Peer& peer, const Seen& seen) {
            if (seen.line != "GET /health HTTP/1.1") return void(peer.write(goodAnswer(text)));
            const bool is_good = one == &upstream || is_well;
            peer.write(is_good ? "HTTP/1.1 204 No\r\n\r\n" : "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
            peer.hangUp();
        });
    }
    load();
    EXPECT_TRUE(becomes([&] { return ask() == "b"; }));
    is_well = false;
    ASSERT_TRUE(becomes([&] {
        return host.logged(
            "target " + second.address() +
            " does not answer well, it gets no requests: it answered with status 500 instead of 204");
    }));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask(), "a");
    is_well = true;
    ASSERT_TRUE(becomes([&] { return host.logged(" answers well again"); }));
    EXPECT_TRUE(becomes([&] { return ask() == "b"; }));
}

constexpr int kShortages[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EADDRINUSE, EAGAIN};

TEST_F(ProxyTargets, AreNotBlamedForAShortageHere) {
    host.set("outage", "1ms").set("max_fails", "1");
    load();
    for (int error : kShortages)
        for (size_t i = 0; i < targets_.size(); ++i) host.io.failNext("connect", -error);
    auto& request = post("not idempotent, and it waits");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u) << request.cause();
    for (const std::string& target : targets_)
        EXPECT_TRUE(host.logged("no connection to target " + target + " for now: Too many open files"));
    EXPECT_FALSE(host.logged("failed too often"));
    EXPECT_FALSE(host.logged("File table overflow")) << "it is said once";
}

TEST_F(ProxyTargets, AreAskedWhenThereAreNoPortsToAnother) {
    host.set("max_fails", "1");
    load();
    for (int i = 0; i < 20; ++i) {
        host.io.failNext("connect", -EADDRNOTAVAIL);
        host.backends.want(0, true), host.backends.want(1, true);  // no connection is kept
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.status(), 200u) << request.cause();
    }
    EXPECT_FALSE(host.logged("failed too often"));
}

TEST_F(ProxyTargets, AreNotBlamedForQuestionsThatCouldNotBeAsked) {
    host.set("health_path", "/health").set("health_interval", "20ms");
    for (int error : kShortages)
        if (error != EAGAIN) host.io.failNext("connect", -error);
    load();
    EXPECT_TRUE(becomes([&] { return upstream.requests > 1 && second.requests > 1; }));
    EXPECT_FALSE(host.logged("does not answer well"));
}

TEST_F(ProxyTest, FailsAtOnceWhenNoTargetIsWell) {
    host.set("health_path", "/health").set("health_interval", "20ms");
    upstream.setScript(
        [](Peer& peer, const Seen&) { peer.write("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"); });
    load();
    ASSERT_TRUE(becomes([&] { return host.logged("does not answer well"); }));
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("no target answers well"));
}

TEST_F(ProxyTest, QueuesWhatHasNoPlace) {
    host.set("connections", "2");
    upstream.setScript([](Peer& peer, const Seen&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        peer.write(goodAnswer("in turn"));
    });
    load();
    std::vector<fake::Request*> all;
    for (int i = 0; i < 30; ++i) host.begin(*all.emplace_back(&get()));
    for (fake::Request* request : all) {
        ASSERT_TRUE(host.run(*request)) << request->why();
        EXPECT_EQ(request->text(), "in turn");
    }
    EXPECT_LE(upstream.most_open, 2u);
}

class ProxyFull : public ProxyTest {
 protected:
    void SetUp() override {
        host.set("connections", "1");
        upstream.setScript([this](Peer& peer, const Seen&) {
            while (!goes_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            peer.write(goodAnswer("done"));
        });
    }
    void TearDown() override { goes_on = true; }
    fake::Request& occupy() {
        auto& request = get();
        host.begin(request);
        EXPECT_TRUE(becomes([&] { return upstream.requests == 1; }));
        return request;
    }
    std::atomic<bool> goes_on{false};
};

TEST_F(ProxyFull, QueueRefusesWhatIsTooMuch) {
    host.set("queue", "1");
    load();
    auto& first = occupy();
    auto& waits = get();
    host.begin(waits);
    host.settle();
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("the queue is full: 1 requests wait for " + upstream.address()));
    goes_on = true;
    ASSERT_TRUE(host.run(first) && host.run(waits));
    EXPECT_EQ(waits.text(), "done");
}

TEST_F(ProxyFull, QueueHasADeadline) {
    host.set("queue_timeout", "100ms");
    load();
    occupy();
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("waited 100 ms in the queue"));
}

TEST_F(ProxyFull, QueueForgetsWhoLeft) {
    load();
    auto& first = occupy();
    auto& leaves = get();
    host.begin(leaves);
    host.settle();
    leaves.leave();
    ASSERT_TRUE(becomes([&] { return leaves.done(); }));
    goes_on = true;
    ASSERT_TRUE(host.run(first));
    ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(upstream.requests, 2u) << "nobody was asked for the one that left";
}

TEST_F(ProxyTest, Says502WhenNobodyListens) {
    host.set("outage", "100ms");
    upstream.stop();
    load();
    EXPECT_THAT(causeOf(get(), 502),
                HasSubstr("target " + upstream.address() + " cannot be connected to: Connection"));
}

TEST_F(ProxyTest, LosesNoRequestToARestart) {
    host.set("outage", "20s");
    upstream.stop();
    load();
    auto& request = post("x");
    host.begin(request);
    host.settle(20);
    upstream.start();
    ASSERT_TRUE(host.run(request, 20'000)) << request.why();
    EXPECT_EQ(request.text(), "hello");
}

TEST_F(ProxyTest, WaitsForNoTargetThatIsGoneForLonger) {
    host.set("outage", "100ms");
    upstream.stop();
    load();
    causeOf(get(), 502);
    host.runUntil([] { return false; }, 5);  // past the last millisecond of the outage
    const uint64_t before = host.io.calls(TP_CLASS_BACKEND);
    for (int i = 0; i < 20; ++i) {
        auto& request = host.begin(get());
        host.settle();
        ASSERT_TRUE(request.done()) << request.why();
        EXPECT_EQ(request.status(), 503u);
        EXPECT_THAT(request.cause(), HasSubstr("cannot be connected to: Connection refused"));
    }
    EXPECT_LT(host.io.calls(TP_CLASS_BACKEND) - before, 20u) << "it is tried once in a while";
    upstream.start();
    EXPECT_TRUE(becomes([&] {
        auto& request = get();
        return host.run(request) && request.status() == 200;
    }));
}

TEST_F(ProxyTest, WaitsAnewInTheNextOutage) {
    host.set("outage", "200ms");
    upstream.stop();
    load();
    causeOf(get(), 502);
    upstream.start();
    ASSERT_TRUE(becomes([&] {
        auto& request = get();
        return host.run(request) && request.status() == 200;
    }));
    upstream.stop();
    ASSERT_TRUE(becomes([&] { return host.backends.declared(0).held == 0; }));
    auto& waits = host.begin(get());
    host.settle();
    EXPECT_FALSE(waits.done()) << waits.cause();
    upstream.start();
    ASSERT_TRUE(host.run(waits)) << waits.why();
    EXPECT_EQ(waits.text(), "hello") << waits.cause();
}

TEST_F(ProxyTest, Says504WhenTheAnswerDoesNotBegin) {
    host.set("timeout", "100ms");
    upstream.setScript([](Peer& peer, const Seen&) { peer.waitForEnd(); });
    load();
    EXPECT_THAT(causeOf(get(), 504), HasSubstr("did not answer within 100 ms"));
}

TEST_F(ProxyTest, EndsAnAnswerThatPauses) {
    host.set("gap_timeout", "100ms");
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        peer.waitForEnd();
    });
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(request.truncated());
    EXPECT_THAT(request.cause(), HasSubstr("paused inside its answer for 100 ms"));
}

TEST_F(ProxyTest, ClosesAConnectionThatWasIdleForLong) {
    host.set("keep_timeout", "100ms");
    load();
    ASSERT_TRUE(host.run(get()));
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

TEST_F(ProxyTest, GivesAnIdleConnectionUpForAnotherWorker) {
    load();
    ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(host.backends.declared(0).held, 1u);
    host.backends.want(0, true);
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

}  // namespace
}  // namespace turnpike::proxy::test
