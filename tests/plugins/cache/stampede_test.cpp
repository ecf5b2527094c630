// Many requests for what is not there: one brings it, the others wait, but never for long. Another worker is
// played by the test, on the same memory.
#include <memory>

#include "fixture.h"
#include "key.h"
#include "presence.h"
#include "store.h"

namespace turnpike::cache {
namespace {

class CacheStampede : public CacheTest {
 protected:
    void load() {
        CacheTest::load();
        auto* shared = reinterpret_cast<tp_shared*>(&host.shareds.declared(0));
        other = std::make_unique<Store>(*fake::Shareds::table(), shared, host.shareds.declared(0).size);
        presence = std::make_unique<Presence>(*fake::Shareds::table(), shared, other->head(), kMostShards);
    }
    Hash target = hashOf(processKey(), "http://example.org/");
    void takeTurn() {
        const auto alive = [](uint32_t, uint32_t) { return true; };
        // Later than everything that the test does.
        ASSERT_EQ(other->takeTurn(target, presence->seat(), presence->life(), UINT64_MAX / 2, 5000, alive),
                  Store::Turn::Mine);
    }
    void endTurn() { other->endTurn(target, presence->seat(), presence->life()); }
    void store(const std::string& body) {
        Terms terms;
        terms.since_ns = UINT64_MAX / 2;
        terms.lifetime_ms = 60'000;
        terms.status = 200;
        const Store::Insertion what{target, hashOf(processKey(), ""), "", terms, 0, other->changes(target)};
        ASSERT_TRUE(other->insert(what, {"http://example.org/\n", "", body}, 1));
    }
    Request& begin(const std::string& body, const Fields& asked = {}) {
        Request& request = make("/", asked).content(200, fields, body);
        host.begin(request);
        host.settle();
        return request;
    }
    std::unique_ptr<Store> other;
    std::unique_ptr<Presence> presence;
};

TEST_F(CacheStampede, WaitersGetWhatTheFirstBrings) {
    load();
    takeTurn();
    std::vector<Request*> waiters;
    waiters.reserve(20);
    for (int i = 0; i < 20; ++i) waiters.push_back(&begin("own"));
    host.advance(100);
    for (Request* waiter : waiters) EXPECT_FALSE(waiter->done());
    store("the other's");
    endTurn();
    for (Request* waiter : waiters) EXPECT_EQ(run(*waiter).text(), "the other's");
}

TEST_F(CacheStampede, OneWaiterGoesOnWhenTheFirstBringsNothing) {
    load();
    takeTurn();
    Request &one = begin("one"), &two = begin("two");
    endTurn();
    EXPECT_EQ(run(one).text(), "one");
    EXPECT_EQ(one.field("cache-status"), "Turnpike; fwd=miss; detail=waited; fwd-status=200; stored");
    EXPECT_EQ(run(two).text(), "one");
}

TEST_F(CacheStampede, NobodyWaitsForTheDead) {
    load();
    takeTurn();
    Request& waiter = begin("own");
    host.advance(100);
    EXPECT_FALSE(waiter.done());
    presence.reset();
    host.advance(20);
    EXPECT_EQ(run(waiter).text(), "own");
}

TEST_F(CacheStampede, NobodyWaitsForEver) {
    host.set("lock_wait", "1s");
    load();
    takeTurn();
    Request& waiter = begin("own");
    for (int i = 0; i < 99; ++i) host.advance(10);
    EXPECT_FALSE(waiter.done());
    host.advance(20);
    EXPECT_EQ(run(waiter).text(), "own");
}

TEST_F(CacheStampede, WhoLeavesIsForgotten) {
    load();
    takeTurn();
    Request &gone = begin("gone"), &stays = begin("stays");
    gone.leave();
    host.settle();
    EXPECT_TRUE(gone.done());
    EXPECT_TRUE(gone.aborted());
    store("brought");
    EXPECT_EQ(run(stays).text(), "brought");
}

TEST_F(CacheStampede, StaleAnswersAreSentWhileAnotherBringsANewOne) {
    host.set("stale_while_revalidate", "1m");
    load();
    ask("/", "old");
    host.advance(61'000);
    takeTurn();
    EXPECT_EQ(begin("own").text(), "old");
    EXPECT_EQ(begin("own", {{"Cache-Control", "no-cache"}}).text(), "own") << "who reloads gets a new one";
    host.advance(61'000);
    host.advance(61'000);
    EXPECT_FALSE(begin("own").done()) << "too old for that: it waits";
}

TEST_F(CacheStampede, NobodyWaitsForWhatCannotBeStored) {
    load();
    fields = {{"Cache-Control", "private"}};
    ask("/", "mine");
    const auto alive = [](uint32_t, uint32_t) { return true; };
    EXPECT_EQ(other->takeTurn(target, presence->seat(), presence->life(), 1, 5000, alive), Store::Turn::Free);
    EXPECT_EQ(ask("/", "own").text(), "own");
}

TEST_F(CacheStampede, WaitingCanBeTurnedOff) {
    host.set("lock_wait", "0s");
    load();
    takeTurn();
    EXPECT_EQ(begin("own").text(), "own");
}

}  // namespace
}  // namespace turnpike::cache
