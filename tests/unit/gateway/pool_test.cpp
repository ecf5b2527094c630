// Who waits for a backend, in which order, for how long, and what becomes of it.
#include "lines.h"

namespace turnpike::gateway::test {
namespace {

using GatewayPool = LinesTest;

TEST_F(GatewayPool, ServesFirstWhoCameFirst) {
    load();
    for (const char* name : {"a", "b", "c"}) begin(name);
    EXPECT_EQ(server.lines(), Sent{"a"}) << "there is one place";
    server.say(0, "A\n");
    EXPECT_EQ(resultOf("a"), "A");
    EXPECT_EQ(server.lines(), Sent{"b"});
    server.say(0, "B\n");
    EXPECT_EQ(resultOf("b"), "B");
    EXPECT_EQ(server.lines(), Sent{"c"});
    EXPECT_EQ(server.connections(), 1u);
}

TEST_F(GatewayPool, ServesSoManyAtOnceAsThereArePlaces) {
    load(2);
    for (const char* name : {"a", "b", "c"}) begin(name);
    EXPECT_EQ(server.lines(), (Sent{"a", "b"}));
    server.say(1, "B\n");
    EXPECT_EQ(resultOf("b"), "B");
    EXPECT_EQ(server.lines(), Sent{"c"}) << "on the connection that is free";
    EXPECT_EQ(server.connections(), 2u);
}

TEST_F(GatewayPool, WaitsForAPlaceThatAnotherWorkerHolds) {
    load();
    host.backends.take(0, 1);
    begin("a");
    EXPECT_EQ(server.lines(), Sent{});
    host.backends.give(0, 1);
    host.settle();
    EXPECT_EQ(server.lines(), Sent{"a"});
}

TEST_F(GatewayPool, PutsBackBeforeAllOthers) {
    load();
    for (const char* name : {"a", "b"}) begin(name);
    {
        Lines::Entry entry(*pool);
        exchangeOf("a").connection->abandon();
        exchangeOf("a").line = "a again\n";
        pool->putBack(exchangeOf("a"));
    }
    EXPECT_EQ(exchangeOf("a").restarts, 1u);
    EXPECT_EQ(server.lines(), (Sent{"a", "a again"}));
    server.say(1, "A\n");
    EXPECT_EQ(resultOf("a"), "A");
    EXPECT_EQ(server.lines(), Sent{"b"});
}

TEST_F(GatewayPool, TriesAgainLaterInTheOldOrderAndBeforeAllOthers) {
    load();
    host.backends.take(0, 1);
    for (const char* name : {"a", "b", "c"}) begin(name);
    for (const char* name : {"a", "b"}) {
        Lines::Entry entry(*pool);
        pool->forget(exchangeOf(name));  // out of the queue; the request itself goes on
        pool->again(exchangeOf(name), 50);
    }
    host.backends.give(0, 1);
    host.settle();
    EXPECT_EQ(server.lines(), Sent{"c"}) << "the others are not to be tried yet";
    for (const char* name : {"d", "e"}) begin(name);
    pass(49);
    server.say(0, "C\n");
    EXPECT_EQ(resultOf("c"), "C");
    EXPECT_EQ(server.lines(), Sent{"d"}) << "nor now";
    pass(300);
    for (const char* expected : {"a", "b", "e"}) {
        server.say(0, "done\n");
        host.settle();
        EXPECT_EQ(server.lines(), Sent{expected});
    }
}

TEST_F(GatewayPool, RefusesWhatDoesNotFitTheQueue) {
    rules.queue = 2;
    load();
    for (const char* name : {"a", "b", "c", "d"}) begin(name);
    EXPECT_EQ(resultOf("d"), "503 the queue is full: 2 requests wait for " + server.address());
    EXPECT_EQ(pool->waiting(), 2u);
    server.say(0, "A\n");
    host.settle();
    begin("e");
    EXPECT_EQ(resultOf("e"), "(waits)") << "there is room again";
}

TEST_F(GatewayPool, NeedsNoQueueWhileThereArePlaces) {
    rules.queue = 0;
    load();
    begin("a");
    EXPECT_EQ(server.lines(), Sent{"a"});
    begin("b");
    EXPECT_EQ(resultOf("b"), "503 the queue is full: 0 requests wait for " + server.address());
}

TEST_F(GatewayPool, EndsTheWaitAtItsDeadline) {
    rules.queue_ms = 1000;
    load();
    begin("a");
    begin("b");
    pass(400);
    begin("c");
    pass(599);
    EXPECT_EQ(resultOf("b"), "(waits)");
    pass(251);  // the clock is looked at every 250 ms
    EXPECT_EQ(resultOf("b"), "503 waited 1000 ms in the queue for " + server.address());
    EXPECT_EQ(resultOf("c"), "(waits)") << "it came later";
    EXPECT_EQ(resultOf("a"), "(waits)") << "it is being served";
    pass(400);
    EXPECT_EQ(resultOf("c"), "503 waited 1000 ms in the queue for " + server.address());
}

TEST_F(GatewayPool, ForgetsWhoLeft) {
    load();
    begin("a");
    fake::Request& leaves = begin("b");
    begin("c");
    leaves.leave();
    host.settle();
    EXPECT_EQ(pool->waiting(), 1u);
    server.say(0, "A\n");
    host.settle();
    EXPECT_EQ(server.lines(), (Sent{"a", "c"}));
}

TEST_F(GatewayPool, ForgetsWhoLeftBeforeItIsTriedAgain) {
    load();
    host.backends.take(0, 1);
    fake::Request& leaves = begin("a");
    {
        Lines::Entry entry(*pool);
        pool->forget(exchangeOf("a"));
        pool->again(exchangeOf("a"), 50);
    }
    EXPECT_EQ(pool->waiting(), 1u);
    leaves.leave();
    host.settle();
    EXPECT_EQ(pool->waiting(), 0u);
    host.backends.give(0, 1);
    pass(50);
    EXPECT_EQ(server.lines(), Sent{});
}

TEST_F(GatewayPool, GivesThePlaceOfAClientThatLeftToTheNext) {
    load();
    fake::Request& leaves = begin("a");
    begin("b");
    leaves.leave();
    host.settle();
    EXPECT_EQ(server.lines(), (Sent{"a", "b"}));
    EXPECT_EQ(server.connections(), 2u) << "what comes on the first one is not b's answer";
}

TEST_F(GatewayPool, LooksAtTheClockOnlyWhileThereIsSomethingToWatchOver) {
    load();
    EXPECT_EQ(host.loop.timers(), 0u);
    begin("a");
    EXPECT_EQ(host.loop.timers(), 1u);
    pass(250);
    EXPECT_GE(pool->ticks, 1u);
    EXPECT_EQ(host.loop.timers(), 1u);
    server.lines();
    server.say(0, "A\n");
    EXPECT_EQ(resultOf("a"), "A");
    pass(250);
    EXPECT_EQ(host.loop.timers(), 0u);
}

TEST_F(GatewayPool, IsLookedAtAtTheSoonestTimeThatWasAskedFor) {
    load();
    for (uint64_t ms : {200'000, 100'000, 300'000}) pool->lookIn(ms);
    EXPECT_EQ(host.loop.timers(), 1u);
    pass(50'000);
    EXPECT_EQ(pool->ticks, 0u);
    pass(60'000);
    EXPECT_EQ(pool->ticks, 1u);
    EXPECT_EQ(host.loop.timers(), 0u);
}

TEST_F(GatewayPool, ClosesWithRequestsWaiting) {
    load(2);
    for (const char* name : {"a", "b", "c", "d", "e"}) begin(name);
    {
        Lines::Entry entry(*pool);
        pool->forget(exchangeOf("e"));
        pool->again(exchangeOf("e"), 50);
    }
    host.stop();
    for (const char* name : {"a", "b", "c", "d", "e"}) EXPECT_EQ(resultOf(name).substr(0, 1), "0") << name;
    EXPECT_EQ(host.backends.declared(0).held, 0u);
    EXPECT_EQ(host.loop.watches(), 0u);
    EXPECT_EQ(host.loop.timers(), 0u);
}

}  // namespace
}  // namespace turnpike::gateway::test
