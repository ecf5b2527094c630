// The places of a backend: never more than there are, none lost by a death, nobody left asleep.
#include "process/places.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>

#include "os/process.h"
#include "server/backend_path.h"

namespace turnpike::process {
namespace {

server::BackendSpec external(const std::string& name, uint32_t count) {
    server::BackendSpec spec;
    spec.name = name;
    spec.address = "unix:/" + name;
    spec.count = count;
    return spec;
}

/// One worker's client with a loop, in this process.
struct Seat {
    Seat(const PlaceTable& table, uint32_t seat, const std::vector<uint32_t>& accounts)
        : loop(std::move(*net::EventLoop::create())), client(table, seat, accounts) {
        EXPECT_EQ(client.attach(*loop), 0);
        client.onPlace(
            0, [](void* self) { static_cast<Seat*>(self)->onPlace(); }, this);
    }
    void onPlace() {
        ++calls;
        yieldIdle();
        if (greedy && client.acquire(0)) ++got;
    }
    /// Runs everything that is due.
    void turn() {
        net::Timer timer([](void* l) { static_cast<net::EventLoop*>(l)->stop(); }, loop.get());
        loop->arm(timer, 1);
        loop->run();
    }

    std::unique_ptr<net::EventLoop> loop;
    PlaceClient client;
    /// Holds connections that it does not use, and gives them up when it is told that they are wanted.
    void yieldIdle() {
        while (idle > 0 && client.wanted(0)) {
            --idle;
            client.release(0);
        }
    }

    int calls = 0, got = 0, idle = 0;
    bool greedy = false;
};

struct Places : ::testing::Test {
    PlaceTable table = std::move(*PlaceTable::create(4));
    std::vector<uint32_t> numbers = *table.assign(1, {external("b", 2)}, "/run");
    Seat a{table, 0, numbers}, b{table, 1, numbers}, c{table, 2, numbers};
};

TEST_F(Places, AreNeverMoreThanTheBackendHas) {
    EXPECT_TRUE(a.client.acquire(0));
    EXPECT_TRUE(b.client.acquire(0));
    EXPECT_FALSE(a.client.acquire(0));
    EXPECT_FALSE(c.client.acquire(0));
    EXPECT_EQ(table.held(numbers[0]), 2u);
    EXPECT_EQ(table.waiting(numbers[0]), 2u);
    b.client.release(0);
    EXPECT_TRUE(c.client.acquire(0));
    EXPECT_EQ(table.held(numbers[0]), 2u);
}

TEST_F(Places, CallAWaiterOnceWhenOneIsFree) {
    a.client.acquire(0);
    a.client.acquire(0);
    b.greedy = true;
    EXPECT_FALSE(b.client.acquire(0));
    a.client.release(0);
    b.turn();
    b.turn();
    EXPECT_EQ(b.calls, 1);
    EXPECT_EQ(b.got, 1);
    EXPECT_EQ(table.waiting(numbers[0]), 0u);
}

TEST_F(Places, CallAHolderThatHasMoreThanItsShareWhenOneBeginsToWait) {
    a.client.acquire(0);
    a.client.acquire(0);  // both are kept idle: nothing else makes this worker look again
    EXPECT_FALSE(b.client.acquire(0));
    a.turn();
    EXPECT_EQ(a.calls, 1);
    EXPECT_TRUE(a.client.wanted(0));
    a.client.release(0);
    b.turn();
    EXPECT_EQ(b.calls, 1);
    EXPECT_TRUE(b.client.acquire(0));
    EXPECT_FALSE(a.client.wanted(0));
}

TEST_F(Places, ThatAreFewerThanTheWorkersGoFromHandToHand) {
    a.client.acquire(0);
    b.client.acquire(0);
    EXPECT_FALSE(a.client.wanted(0));
    EXPECT_FALSE(c.client.acquire(0));
    a.turn();
    b.turn();
    EXPECT_EQ(a.calls, 1);
    EXPECT_EQ(b.calls, 1);
    EXPECT_TRUE(a.client.wanted(0));
    a.client.release(0);
    EXPECT_FALSE(b.client.wanted(0)) << "one is free: that is enough";
    c.turn();
    EXPECT_TRUE(c.client.acquire(0));
    EXPECT_FALSE(b.client.wanted(0));
}

TEST_F(Places, CallTheReleaserItselfWhenNobodyElseWaits) {
    a.client.acquire(0);
    a.client.acquire(0);
    a.greedy = true;
    EXPECT_FALSE(a.client.acquire(0));
    a.client.release(0);
    a.turn();
    EXPECT_EQ(a.calls, 1);
    EXPECT_EQ(a.got, 1);
}

TEST_F(Places, PassAWakeUpOnWhenItsReceiverNeedsNone) {
    a.client.acquire(0);
    a.client.acquire(0);
    c.greedy = true;
    EXPECT_FALSE(b.client.acquire(0));  // will not take it when called
    EXPECT_FALSE(c.client.acquire(0));
    a.client.release(0);
    b.turn();
    c.turn();
    b.turn();
    c.turn();
    EXPECT_EQ(c.got, 1);
}

TEST_F(Places, AreYieldedToAWaiterThatHasLessThanItsShare) {
    a.client.acquire(0);
    a.client.acquire(0);
    EXPECT_FALSE(a.client.wanted(0));
    b.greedy = true;
    EXPECT_FALSE(b.client.acquire(0));
    EXPECT_TRUE(a.client.wanted(0));
    a.client.release(0);
    EXPECT_FALSE(a.client.acquire(0)) << "the free place is the waiter's";
    b.turn();
    EXPECT_EQ(b.got, 1);
    EXPECT_FALSE(a.client.wanted(0));
}

TEST_F(Places, OfAnIdleHolderAreAskedForByAWaiter) {
    while (a.client.acquire(0)) ++a.idle;
    a.turn();
    b.greedy = true;
    EXPECT_FALSE(b.client.acquire(0));
    a.turn();
    EXPECT_EQ(a.idle, 1);
    b.turn();
    EXPECT_EQ(b.got, 1);
}

TEST_F(Places, GoRoundWhenThereAreFewerThanWorkers) {
    auto one = *table.assign(4, {external("one", 1)}, "/run");
    Seat first(table, 0, one), second(table, 1, one);
    ASSERT_TRUE(first.client.acquire(0));
    second.greedy = true;
    EXPECT_FALSE(second.client.acquire(0));
    ASSERT_TRUE(first.client.wanted(0));
    first.client.release(0);
    EXPECT_FALSE(first.client.acquire(0)) << "it is the other one's turn";
    second.turn();
    EXPECT_EQ(second.got, 1);
    EXPECT_TRUE(second.client.wanted(0)) << "now the first one waits";
}

TEST_F(Places, AreNotReservedForMoreThanTheWaitersNeed) {
    auto many = *table.assign(4, {external("many", 4)}, "/run");
    Seat first(table, 0, many), second(table, 1, many);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(first.client.acquire(0));
    EXPECT_FALSE(second.client.acquire(0));
    for (int i = 0; i < 3; ++i) first.client.release(0);
    EXPECT_TRUE(first.client.acquire(0));
    EXPECT_TRUE(first.client.acquire(0));
    EXPECT_FALSE(first.client.acquire(0)) << "the last one is the waiter's";
    EXPECT_TRUE(second.client.acquire(0));
}

TEST_F(Places, DoNotKeepTwoWorkersBusyWakingEachOther) {
    for (Seat* seat : {&a, &b}) EXPECT_TRUE(seat->client.acquire(0));
    for (Seat* seat : {&a, &b}) seat->greedy = true;
    for (Seat* seat : {&a, &b}) EXPECT_FALSE(seat->client.acquire(0));
    for (int i = 0; i < 10; ++i)
        for (Seat* seat : {&a, &b}) seat->turn();
    EXPECT_LE(a.calls + b.calls, 4);
}

TEST_F(Places, OfADeadWorkerAreFreeAgain) {
    a.client.acquire(0);
    a.client.acquire(0);
    b.greedy = true;
    EXPECT_FALSE(b.client.acquire(0));
    table.reclaim(0);
    EXPECT_EQ(table.held(numbers[0]), 0u);
    b.turn();
    EXPECT_EQ(b.got, 1);
}

TEST_F(Places, OfOneBackendAreSharedByTwoGenerations) {
    auto second = *table.assign(2, {external("other", 1), external("b", 3)}, "/run");
    EXPECT_EQ(second[1], numbers[0]);
    EXPECT_NE(second[0], numbers[0]);
    Seat young(table, 3, second);
    EXPECT_TRUE(a.client.acquire(0));
    EXPECT_TRUE(a.client.acquire(0));
    EXPECT_FALSE(young.client.acquire(1)) << "the second generation does not serve yet";
    young.turn();
    table.resize(second, {external("other", 1), external("b", 3)});
    EXPECT_TRUE(young.client.acquire(1)) << "the count was raised to 3";
    EXPECT_FALSE(young.client.acquire(1));
    table.forget(1);
    EXPECT_EQ((*table.assign(3, {external("b", 3)}, "/run"))[0], numbers[0]);
}

/// One worker with two routes to the same backend.
struct Siblings : Places {
    std::vector<uint32_t> both = *table.assign(5, {external("x", 2), external("x", 2)}, "/run");
    Seat seat{table, 3, both};
    int second_calls = 0;
};

TEST_F(Siblings, ShareTheirPlaces) {
    ASSERT_EQ(both[0], both[1]);
    EXPECT_TRUE(seat.client.acquire(0));
    EXPECT_TRUE(seat.client.acquire(1));
    EXPECT_FALSE(seat.client.acquire(0));
    EXPECT_FALSE(seat.client.acquire(1));
    EXPECT_EQ(table.held(both[0]), 2u);
    seat.client.release(1);
    seat.client.release(0);
    EXPECT_EQ(table.held(both[0]), 0u);
}

TEST_F(Siblings, GiveIdlePlacesUpForEachOther) {
    seat.client.onPlace(
        1, [](void* calls) { ++*static_cast<int*>(calls); }, &second_calls);
    while (seat.client.acquire(0)) ++seat.idle;
    seat.turn();
    EXPECT_FALSE(seat.client.acquire(1));
    seat.turn();
    EXPECT_EQ(seat.idle, 1);
    seat.turn();
    EXPECT_EQ(second_calls, 1);
    EXPECT_TRUE(seat.client.acquire(1));
    EXPECT_FALSE(seat.client.wanted(0));
}

TEST_F(Siblings, TakeTurns) {
    auto one = *table.assign(6, {external("one", 1), external("one", 1)}, "/run");
    Seat self(table, 2, one);
    ASSERT_TRUE(self.client.acquire(0));
    EXPECT_FALSE(self.client.acquire(1));
    ASSERT_TRUE(self.client.wanted(0));
    self.client.release(0);
    EXPECT_FALSE(self.client.acquire(0)) << "it is the other one's turn";
    EXPECT_TRUE(self.client.acquire(1));
}

TEST_F(Places, TellThatASupervisedProgramDoesNotRun) {
    server::BackendSpec spec;
    spec.name = std::string("program");
    spec.command = {"/bin/program"};
    auto number = *table.assign(7, {spec}, "/run");
    Seat seat(table, 3, number);
    std::string folder = server::backendFolder(spec, "/run");
    EXPECT_TRUE(seat.client.isRunning(0)) << "nothing is known yet";
    table.setRunning(folder, false);
    EXPECT_FALSE(seat.client.isRunning(0));
    table.setRunning(folder, true);
    EXPECT_TRUE(seat.client.isRunning(0));
}

TEST_F(Places, RefuseCountsThatDoNotFit) {
    EXPECT_FALSE(table.assign(9, {external("none", 0)}, "/run"));
    EXPECT_FALSE(table.assign(9, {external("many", kMostPlaces + 1)}, "/run"));
}

TEST_F(Places, CostNoCrossingWithoutContention) {
    ledger::Account account;
    ledger::Scope scope(account);
    auto before = std::chrono::steady_clock::now();
    constexpr int kTurns = 100'000;
    for (int i = 0; i < kTurns; ++i) {
        ASSERT_TRUE(a.client.acquire(0));
        a.client.release(0);
    }
    auto spent = std::chrono::steady_clock::now() - before;
    EXPECT_EQ(account.calls(), 0u);
    RecordProperty("ns_per_pair", static_cast<int>(spent / std::chrono::nanoseconds(kTurns)));
}

/// Takes the only place and gives it back, for ever. `inside`: who is in the place; nobody may find it taken.
[[noreturn]] void hammer(const PlaceTable& table, uint32_t seat, const std::vector<uint32_t>& numbers,
                         std::atomic<uint32_t>& inside) {
    Seat self(table, seat, numbers);
    std::mt19937 random(static_cast<uint32_t>(::getpid()));
    for (;;) {
        if (self.client.acquire(0)) {
            uint32_t nobody = 0;
            if (!inside.compare_exchange_strong(nobody, seat + 1)) os::exitNow(1);
            for (auto i = random() % 256; i > 0; --i) asm volatile("");
            inside.store(0);
            self.client.release(0);
        }
        if (random() % 8 == 0) self.turn();
    }
}

TEST(PlacesOfOne, AreHeldByOneWorkerAtATimeWhoeverIsKilledWhen) {
    PlaceTable table = std::move(*PlaceTable::create(2));
    auto numbers = *table.assign(1, {external("b", 1)}, "/run");
    auto memory = std::move(*os::SharedMemory::create(sizeof(std::atomic<uint32_t>)));
    auto& inside = *static_cast<std::atomic<uint32_t>*>(memory.data());
    pid_t pids[2];
    auto start = [&](uint32_t seat) {
        pids[seat] = os::fork();
        if (pids[seat] == 0) hammer(table, seat, numbers, inside);
    };
    auto end = [&](uint32_t seat) {
        ::kill(pids[seat], SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(pids[seat], &status, 0), pids[seat]);
        ASSERT_TRUE(WIFSIGNALED(status)) << "two workers were in the same place";
        uint32_t dead = seat + 1;
        inside.compare_exchange_strong(dead, 0);
        table.reclaim(seat);
    };
    for (uint32_t seat : {0u, 1u}) start(seat);
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        uint32_t seat = random() % 2 != 0 ? 1 : 0;
        ::usleep(static_cast<useconds_t>(random() % 3000));
        end(seat);
        start(seat);
    }
    for (uint32_t seat : {0u, 1u}) end(seat);
    EXPECT_EQ(table.held(numbers[0]), 0u);
    Seat last(table, 0, numbers);
    EXPECT_TRUE(last.client.acquire(0));
}

}  // namespace
}  // namespace turnpike::process
