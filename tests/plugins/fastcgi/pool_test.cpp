// Connections, places, the queue, outages and clients that leave.
#include <gmock/gmock.h>

#include "fixture.h"

namespace turnpike::fastcgi::test {
namespace {

using ::testing::HasSubstr;

class FastCgiPool : public FastCgiTest {
 protected:
    std::vector<fake::Request*> beginMany(size_t count) {
        std::vector<fake::Request*> requests;
        for (size_t i = 0; i < count; ++i) requests.push_back(&host.begin(get("/app/" + std::to_string(i))));
        return requests;
    }
    void finish(const std::vector<fake::Request*>& requests) {
        for (auto* request : requests) ASSERT_TRUE(host.run(*request, 15000)) << request->why();
    }
    static void answerSlowly(Peer& peer, const Seen&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        peer.write(goodAnswer("ok"));
    }
};

TEST_F(FastCgiPool, NeverOpensMoreConnectionsThanThereAreChildren) {
    host.set("children", "3");
    backend.setScript(answerSlowly);
    load();
    auto requests = beginMany(30);
    finish(requests);
    for (auto* request : requests) EXPECT_EQ(request->text(), "ok");
    EXPECT_EQ(backend.most_open, 3u);
    EXPECT_EQ(backend.connections, 3u);
    EXPECT_EQ(host.backends.declared(0).held, 3u);
}

TEST_F(FastCgiPool, ServesFirstWhoCameFirst) {
    host.set("children", "1");
    load();
    finish(beginMany(20));
    auto seen = backend.seen();
    for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].params["PATH_INFO"], "/" + std::to_string(i));
}

TEST_F(FastCgiPool, WaitsForAPlaceThatAnotherWorkerHolds) {
    host.set("children", "2");
    load();
    host.backends.take(0, 2);
    auto& request = get();
    host.begin(request);
    host.settle(20);
    EXPECT_EQ(backend.connections, 0u);
    host.backends.give(0, 1);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
}

TEST_F(FastCgiPool, GivesAnIdlePlaceUpWhenAnotherWorkerWantsIt) {
    load();
    ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(host.backends.declared(0).held, 1u);
    host.backends.want(0, true);
    EXPECT_TRUE(becomes([this] { return host.backends.declared(0).held == 0; }));
}

TEST_F(FastCgiPool, GivesAPlaceUpAfterTheRequestWhenAnotherWorkerWantsIt) {
    backend.setScript(answerSlowly);
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.busy == 1; }));
    host.backends.want(0, true);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "ok");
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(FastCgiPool, RefusesWhatDoesNotFitTheQueue) {
    host.set("children", "1").set("queue", "2");
    backend.setScript(answerSlowly);
    load();
    auto requests = beginMany(5);
    finish(requests);
    unsigned refused = 0;
    for (auto* request : requests) {
        if (request->status() != 503) continue;
        ++refused;
        EXPECT_THAT(request->cause(), HasSubstr("the queue is full: 2 requests wait"));
    }
    EXPECT_EQ(refused, 2u);
}

TEST_F(FastCgiPool, ServesWithoutAQueueWhileThereArePlaces) {
    host.set("queue", "0");
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(request.text(), "hello");
}

TEST_F(FastCgiPool, EndsTheWaitAtTheDeadline) {
    host.set("queue_timeout", "300ms");
    load();
    host.backends.take(0, 4);
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("waited 300 ms in the queue"));
}

TEST_F(FastCgiPool, NeverAsksForAClientThatLeftTheQueue) {
    host.set("children", "1");
    backend.setScript(answerSlowly);
    load();
    auto requests = beginMany(3);
    host.settle();
    requests[1]->leave();
    finish(requests);
    EXPECT_EQ(requests[2]->text(), "ok");
    auto seen = backend.seen();
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[1].params["PATH_INFO"], "/2");
}

TEST_F(FastCgiPool, DoesNotWaitForAProgramThatDoesNotRun) {
    host.set("outage", "100ms");
    load();
    host.backends.run(0, false);
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("its program is not running"));
    EXPECT_EQ(backend.connections, 0u);
    host.backends.run(0, true);
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
}

TEST_F(FastCgiPool, TakesARequestBackThatNoProcessEverAccepted) {
    host.set("outage", "100ms");
    backend.setScript([](Peer& peer, const Seen&) { peer.waitRecord(10'000); });  // as a backlog, it says nothing
    load();
    auto& request = post("once");
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.busy == 1; }));
    host.backends.run(0, false);
    EXPECT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 503u);
    EXPECT_THAT(request.cause(), HasSubstr("its program is not running"));
}

TEST_F(FastCgiPool, DoesNotRetryOnAnotherConnectionThatDied) {
    backend.useTcp();
    backend.setScript(answerSlowly);
    load();
    finish(beginMany(4));
    ASSERT_EQ(backend.connections, 4u);
    backend.stop();
    backend.start();
    auto& request = get();  // before the loop hears that the four kept connections are closed
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "ok") << request.cause();
}

TEST_F(FastCgiPool, GivesARetryTheWholeTimeInTheQueue) {
    host.set("queue_timeout", "500ms").set("children", "1");
    std::atomic<int> tries{0};
    backend.setScript([&](Peer& peer, const Seen&) {
        if (tries++ > 0) {
            peer.write(goodAnswer("second"));
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(800));
            peer.hangUp();
        }
    });
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(becomes([&] { return tries == 1; }));
    host.backends.take(0, 1);  // another worker is quicker to take the place that becomes free
    ASSERT_TRUE(becomes([&] { return host.backends.declared(0).held == 0; }));
    for (int i = 0; i < 30; ++i) host.loop.turn(10);  // a tick that would find it too late
    host.backends.give(0, 1);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "second") << request.cause();
}

TEST_F(FastCgiPool, KeepsTheQueueWhileAConnectionWorks) {
    host.set("children", "2").set("outage", "50ms");
    backend.setScript([](Peer& peer, const Seen&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(400));
        peer.write(goodAnswer("ok"));
    });
    load();
    auto& first = get();
    host.begin(first);
    ASSERT_TRUE(becomes([this] { return backend.busy == 1; }));
    for (int i = 0; i < 100; ++i) host.io.failNext("connect", -ECONNREFUSED);
    auto& second = get();
    ASSERT_TRUE(host.run(second)) << second.why();
    EXPECT_EQ(second.text(), "ok") << second.cause();
    ASSERT_TRUE(host.run(first)) << first.why();
    EXPECT_EQ(first.text(), "ok");
}

TEST_F(FastCgiPool, WaitsWithoutBlamingTheBackendForAShortageHere) {
    host.set("outage", "1ms");
    load();
    for (int error : {EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EADDRINUSE, EAGAIN})
        host.io.failNext("connect", -error);
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello") << request.cause();
    EXPECT_TRUE(host.logged("no connection to backend " + backend.address() + " for now: Too many open files"));
    EXPECT_FALSE(host.logged("cannot be reached"));
    EXPECT_FALSE(host.logged("File table overflow")) << "it is said once";
}

TEST_F(FastCgiPool, TellsTheBackendThatTheClientLeft) {
    std::atomic<int> heard{0};
    backend.setScript([&](Peer& peer, const Seen&) {
        heard = peer.waitRecord(3000);
        peer.write(record(6, "Content-Type: text/plain\n\n") + endRecord());
    });
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.busy == 1; }));
    request.leave();
    ASSERT_TRUE(host.run(request));
    EXPECT_TRUE(becomes([this] { return backend.busy == 0; }));
    EXPECT_EQ(heard, 2) << "FCGI_ABORT_REQUEST";
    EXPECT_TRUE(becomes([this] { return host.backends.declared(0).held == 0; }));
}

TEST_F(FastCgiPool, KeepsThePlaceOfABusyChildASecondAfterTheAbort) {
    std::atomic<int> heard{0};
    backend.setScript([&](Peer& peer, const Seen&) {
        peer.waitRecord(3000);
        heard = peer.waitRecord(4000);
        peer.hangUp();
    });
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(becomes([this] { return backend.busy == 1; }));
    auto left = std::chrono::steady_clock::now();
    request.leave();
    ASSERT_TRUE(host.run(request));
    EXPECT_EQ(host.backends.declared(0).held, 1u);
    ASSERT_TRUE(becomes([&] { return heard != 0; }));
    EXPECT_EQ(heard, -1) << "the connection was closed";
    auto took = std::chrono::steady_clock::now() - left;
    EXPECT_GT(took, std::chrono::milliseconds(740));
    EXPECT_LT(took, std::chrono::milliseconds(2000));
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(FastCgiPool, EndsALongAnswerWhenTheClientLeavesInTheMiddle) {
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(6, "Content-Type: text/plain\n\n"));
        std::string chunk = record(6, std::string(50000, 'x'));
        while (peer.write(chunk)) continue;
        peer.hangUp();
    });
    load();
    auto& request = get().takes(100000).leavesAfter(500000);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(becomes([this] { return backend.busy == 0; }));
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(FastCgiPool, NoticesThatAnIdleConnectionWasClosed) {
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(goodAnswer("bye"));
        peer.hangUp();
    });
    load();
    for (int i = 0; i < 3; ++i) {
        auto& request = post("x");
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "bye") << request.cause();
        ASSERT_TRUE(becomes([this] { return host.backends.declared(0).held == 0; }));
    }
    EXPECT_EQ(backend.requests, 3u);
}

TEST_F(FastCgiPool, AsksAgainOnceWhenNothingWasAnsweredAndItIsSafe) {
    std::atomic<unsigned> asked{0};
    backend.setScript([&](Peer& peer, const Seen&) {
        if (asked++ == 0) return peer.hangUp();
        peer.write(goodAnswer("second"));
    });
    load();
    auto& request = get();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "second");
    EXPECT_EQ(asked, 2u);
}

TEST_F(FastCgiPool, AsksAgainOnlyOnce) {
    backend.setScript([](Peer& peer, const Seen&) { peer.hangUp(); });
    load();
    EXPECT_THAT(causeOf(get(), 502), HasSubstr("closed the connection without an answer"));
    EXPECT_EQ(backend.requests, 2u);
}

TEST_F(FastCgiPool, NeverAsksAgainForWhatMayHaveHappened) {
    backend.setScript([](Peer& peer, const Seen&) { peer.hangUp(); });
    load();
    EXPECT_THAT(causeOf(post("pay"), 502), HasSubstr("closed the connection without an answer"));
    EXPECT_EQ(backend.requests, 1u);
}

TEST_F(FastCgiPool, NeverAsksAgainOnceAnAnswerHasBegun) {
    backend.setScript([](Peer& peer, const Seen&) {
        peer.write(record(6, "Content-"));
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(get(), 502), HasSubstr("in the middle of its answer"));
    EXPECT_EQ(backend.requests, 1u);
}

TEST_F(FastCgiPool, SendsAPostElsewhereWhenTheKeptConnectionWasDead) {
    load();
    ASSERT_TRUE(host.run(get()));
    host.io.failNext("read", -ECONNRESET);  // the look at a kept connection before it is used for a POST
    auto& request = post("pay");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "hello");
    EXPECT_EQ(backend.connections, 2u);
}

TEST_F(FastCgiPool, LosesNothingInAnOutageOfOneSecond) {
    load();
    ASSERT_TRUE(host.run(get()));
    backend.stop();
    auto requests = beginMany(50);
    std::thread back([this] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1000));
        backend.start();
    });
    finish(requests);
    back.join();
    for (auto* request : requests) EXPECT_EQ(request->status(), 200u) << request->cause();
    EXPECT_TRUE(host.logged("cannot be reached: No such file or directory"));
    EXPECT_TRUE(host.logged("can be reached again"));
}

TEST_F(FastCgiPool, EndsTheWaitInALongOutage) {
    load();
    backend.stop();
    auto begun = std::chrono::steady_clock::now();
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("cannot be reached for more than 1500 ms: No such file"));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(2000));
    begun = std::chrono::steady_clock::now();
    EXPECT_THAT(causeOf(get(), 503), HasSubstr("cannot be reached"));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(300))
        << "the second waits no more";
    backend.start();
    host.runUntil([] { return false; }, 60);  // it is tried every 50 ms
    auto& after = get();
    ASSERT_TRUE(host.run(after));
    EXPECT_EQ(after.status(), 200u) << after.cause();
}

TEST_F(FastCgiPool, TakesItsTurnAmongSeveralBackends) {
    ScriptedBackend other([](Peer& peer, const Seen&) { peer.write(goodAnswer("other")); });
    backends_ = {backend.address(), other.address()};
    load();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(backend.requests, 5u);
    EXPECT_EQ(other.requests, 5u);
}

TEST_F(FastCgiPool, PrefersTheLeastLoadedBackend) {
    ScriptedBackend other(answerSlowly);
    std::atomic<bool> go{false};
    backend.setScript([&](Peer& peer, const Seen&) {
        while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        peer.write(goodAnswer("ok"));
    });
    backends_ = {backend.address(), other.address()};
    host.set("balance", "least_loaded");
    load();
    auto first = beginMany(2);
    ASSERT_TRUE(becomes([&] { return first[0]->done() || first[1]->done(); }));
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(backend.requests, 1u);
    go = true;
    finish(first);
}

TEST_F(FastCgiPool, GoesRoundABackendThatCannotBeReached) {
    ScriptedBackend other;
    other.stop();
    backends_ = {other.address(), backend.address()};
    load();
    for (int i = 0; i < 10; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request));
        EXPECT_EQ(request.status(), 200u) << request.cause();
    }
}

TEST_F(FastCgiPool, LeavesABackendOutThatFailsTooOften) {
    ScriptedBackend other([](Peer& peer, const Seen&) { peer.write(record(99, "x")); });
    backends_ = {backend.address(), other.address()};
    load();
    unsigned failed = 0;
    for (int i = 0; i < 20; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request));
        if (request.status() == 502) ++failed;
    }
    EXPECT_EQ(failed, 3u);
    EXPECT_TRUE(host.logged("failed too often"));
}

TEST_F(FastCgiPool, NeverLeavesItsOnlyBackendOut) {
    backend.setScript([](Peer& peer, const Seen&) { peer.write(record(99, "x")); });
    load();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(causeOf(get(), 502),
                  "backend " + backend.address() + " sent a record of type 99, which no responder sends");
    EXPECT_EQ(backend.requests, 5u);
}

TEST_F(FastCgiPool, SpeaksTcp) {
    // Nobody listens on port 1 of this address: the connection is refused and the request waits, then says so.
    host.set("address", "127.0.0.77:1").set("outage", "100ms");
    ASSERT_TRUE(host.load(tp_plugin_entry));
    EXPECT_THAT(causeOf(get(), 503),
                HasSubstr("127.0.0.77:1 cannot be reached for more than 100 ms: Connection refused"));
}

TEST_F(FastCgiPool, ReadsABodyThatCannotBeReadAsItsOwnFault) {
    load();
    host.io.failNext("pread", -EIO);
    EXPECT_THAT(causeOf(post(std::string(70000, 'x')).spoolToFile(), 500), HasSubstr("spooled request body"));
}

}  // namespace
}  // namespace turnpike::fastcgi::test
