// A connection to a backend: how it ends, how it is read, what it is watched for.
#include "lines.h"

namespace turnpike::gateway::test {
namespace {

class GatewayLink : public LinesTest {
 protected:
    /// A connection that has answered one request.
    void rested() {
        load();
        begin("a");
        server.lines();
        server.say(0, "A\n");
        ASSERT_EQ(resultOf("a"), "A");
    }
};

TEST_F(GatewayLink, ThatIsIdleGoesWhenItsPeerCloses) {
    rested();
    server.close(0);
    host.settle();
    EXPECT_TRUE(pool->places().all().empty());
    EXPECT_EQ(host.backends.declared(0).held, 0u);
    EXPECT_EQ(host.loop.watches(), 0u);
    begin("b");
    EXPECT_EQ(server.lines(), Sent{"b"});
    EXPECT_EQ(server.connections(), 2u);
}

TEST_F(GatewayLink, ThatIsIdleGoesWhenItsPeerSpeaksOutOfTurn) {
    rested();
    server.say(0, "nobody has asked\n");
    host.settle();
    EXPECT_TRUE(pool->places().all().empty());
}

TEST_F(GatewayLink, IsFoundDeadBeforeItsEventComes) {
    rested();
    Line& idle = pool->places().usedLast();
    EXPECT_TRUE(idle.isAlive());
    server.close(0);
    EXPECT_FALSE(idle.isAlive());
}

TEST_F(GatewayLink, WithBytesOutOfTurnIsNotAlive) {
    rested();
    server.say(0, "x");
    EXPECT_FALSE(pool->places().usedLast().isAlive());
}

TEST_F(GatewayLink, ThatIsNotMadeEndsAtItsDeadline) {
    rules.connect_ms = 300;
    load();
    pool->says_connected = false;
    begin("a");
    pass(299);
    EXPECT_EQ(resultOf("a"), "(waits)");
    pass(251);
    EXPECT_EQ(resultOf("a"), "502 was not made");
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(GatewayLink, ReadsNothingWhileItIsPaused) {
    load();
    pool->is_paused = true;
    begin("a");
    server.lines();
    server.say(0, "A\n");
    server.close(0);
    host.settle();
    EXPECT_EQ(pool->reads, 0u);
    Lines::Entry entry(*pool);
    exchangeOf("a").connection->resume();
    EXPECT_EQ(resultOf("a"), "A") << "though its peer has closed meanwhile";
}

TEST_F(GatewayLink, FindsTheEndBehindTheLastBytes) {
    load();
    begin("a");
    server.lines();
    server.say(0, "half an answer");
    server.close(0);
    EXPECT_EQ(resultOf("a"), "502 closed") << "the end came with the bytes, and no other edge follows";
}

TEST_F(GatewayLink, GivesOthersATurnWhenItsPeerWritesWithoutEnd) {
    load();
    pool->read_size = 1;
    begin("a");
    server.lines();
    server.say(0, std::string(1000, 'x') + "\n");
    EXPECT_TRUE(host.runUntil([&] { return resultOf("a").size() == 1000; })) << "without another edge";
    EXPECT_EQ(pool->most_reads, 64u);
    EXPECT_EQ(pool->reads, 1001u);
}

TEST_F(GatewayLink, ThatIsClosedReadsOnNoMore) {
    load();
    pool->read_size = 1;
    fake::Request& leaves = begin("a");
    server.lines();
    server.say(0, std::string(100'000, 'x'));
    host.loop.turn(0);
    leaves.leave();
    host.settle();
    const unsigned reads = pool->reads;
    EXPECT_GE(reads, 64u);
    host.advance(10);
    EXPECT_EQ(pool->reads, reads);
    EXPECT_EQ(host.loop.timers(), 1u) << "the pool's, and none to read on";
}

TEST_F(GatewayLink, IsToldOfRoomOnlyWhileItWaitsForSome) {
    load();
    begin(std::string(1'000'000, 'x'));  // more than a socket holds
    EXPECT_TRUE(host.runUntil([&] { return !server.lines().empty(); }));
    server.say(0, "A\n");
    host.settle();
    const unsigned before = pool->writable;
    EXPECT_GT(before, 0u);
    begin("b");
    EXPECT_EQ(server.lines(), Sent{"b"});
    host.settle();
    EXPECT_EQ(pool->writable, before) << "each time that the server reads would be a wake-up for nothing";
}

TEST_F(GatewayLink, ThatIsClosedInsideACallLivesUntilItsEnd) {
    load();
    begin("a");
    {
        Lines::Entry outer(*pool);
        {
            Lines::Entry inner(*pool);
            EXPECT_TRUE(pool->isNested());
            exchangeOf("a").connection->abandon();
        }
        EXPECT_FALSE(pool->isNested());
        EXPECT_EQ(Line::alive, 1);
        pool->fail(exchangeOf("a"), 502, "over");
    }
    EXPECT_EQ(Line::alive, 0);
}

}  // namespace
}  // namespace turnpike::gateway::test
