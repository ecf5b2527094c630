// What a worker holds of a backend's places, and which of it is used next.
#include <cerrno>

#include "lines.h"

namespace turnpike::gateway::test {
namespace {

struct Unit {};

class GatewayPlaces : public LinesTest {
 protected:
    void hold(uint32_t places) {
        load(places);
        held = std::make_unique<Places<Unit>>(*services, host.worker(), handle);
    }
    void TearDown() override {
        while (held && !held->all().empty()) held->remove(*held->all().back());
    }
    Unit& add() {
        EXPECT_TRUE(held->acquire());
        return held->add(std::make_unique<Unit>());
    }
    uint32_t taken() const { return host.backends.declared(0).held; }

    std::unique_ptr<Places<Unit>> held;
};

TEST_F(GatewayPlaces, AreNoMoreThanTheBackendHas) {
    hold(2);
    add();
    add();
    EXPECT_FALSE(held->acquire());
    EXPECT_EQ(held->all().size(), 2u);
}

TEST_F(GatewayPlaces, AreSharedWithOtherWorkers) {
    hold(2);
    host.backends.take(0, 1);
    add();
    EXPECT_FALSE(held->acquire());
}

TEST_F(GatewayPlaces, AreGivenBackOneByOne) {
    hold(2);
    Unit& first = add();
    Unit& second = add();
    EXPECT_EQ(held->remove(first).get(), &first);
    EXPECT_EQ(taken(), 1u);
    EXPECT_EQ(held->all().front().get(), &second);
}

TEST_F(GatewayPlaces, AreGivenBackWhenNoConnectionCanBeMade) {
    hold(1);
    host.io.failNext("connect", -ECONNREFUSED);
    int32_t done = 0;
    EXPECT_TRUE(held->acquire());
    EXPECT_EQ(held->connect(nullptr, server.address(), &done), -ECONNREFUSED);
    EXPECT_EQ(taken(), 0u);
}

TEST_F(GatewayPlaces, TellWhichWasUsedLastAndWhichIsIdleLongest) {
    hold(3);
    Unit &a = add(), &b = add(), &c = add();
    EXPECT_FALSE(held->hasIdle());
    EXPECT_EQ(held->busy(), 3u);
    for (Unit* unit : {&a, &b, &c}) held->rest(*unit);
    EXPECT_EQ(held->busy(), 0u);
    EXPECT_EQ(&held->usedLast(), &c) << "its caches are warm, and the others may be given up";
    EXPECT_EQ(&held->idleLongest(), &a);
    held->wake(c);
    EXPECT_EQ(&held->usedLast(), &b);
    held->wake(a);
    held->rest(a);
    EXPECT_EQ(&held->idleLongest(), &b);
    EXPECT_EQ(held->busy(), 1u);
}

TEST_F(GatewayPlaces, ForgetAnIdleOneThatIsRemoved) {
    hold(2);
    Unit &a = add(), &b = add();
    held->rest(a);
    held->rest(b);
    held->remove(b);
    EXPECT_EQ(&held->usedLast(), &a);
    held->remove(a);
    EXPECT_FALSE(held->hasIdle());
}

TEST_F(GatewayPlaces, TellWhoWaitsForOne) {
    hold(1);
    int told = 0;
    held->onChange([](void* count) { ++*static_cast<int*>(count); }, &told);
    Unit& unit = add();
    EXPECT_FALSE(held->isWanted());
    host.backends.want(0, true);
    host.settle();
    EXPECT_EQ(told, 1) << "another worker waits";
    EXPECT_TRUE(held->isWanted());
    held->remove(unit);
    host.backends.want(0, false);
    host.backends.take(0, 1);
    EXPECT_FALSE(held->acquire());
    host.backends.give(0, 1);
    host.settle();
    EXPECT_EQ(told, 2) << "one is free";
}

TEST_F(GatewayPlaces, TellThatNoProgramRuns) {
    hold(1);
    EXPECT_FALSE(held->isDown());
    host.backends.run(0, false);
    EXPECT_TRUE(held->isDown());
}

}  // namespace
}  // namespace turnpike::gateway::test
