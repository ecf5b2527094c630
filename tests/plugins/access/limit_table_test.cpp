// What clients asked, counted by several workers in the same memory: some of them die.
#include "access/limit_table.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <vector>

#include "sdk/fake_host.hpp"

namespace turnpike::access {
namespace {

constexpr uint64_t kSecond = 1'000'000'000, kClients = 512;
using Verdict = LimitTable::Verdict;

class AccessLimitTable : public testing::Test {
 protected:
    AccessLimitTable() {
        tp_shared_spec spec{};
        spec.struct_size = sizeof spec;
        spec.locks = LimitTable::kLocks;
        spec.name = str("limits");
        spec.size = LimitTable::sizeFor(kClients);
        fake::Threads::in_setup = true;
        shared = service.declare(nullptr, &spec);
        fake::Threads::in_setup = false;
    }
    std::unique_ptr<LimitTable> worker() {
        return std::make_unique<LimitTable>(service, shared, kClients, support::HashKey{1, 2});
    }
    /// Another worker, which ends as by a signal when `what` has returned.
    void inWorkerThatDies(const std::function<void(LimitTable&)>& what) {
        const pid_t child = ::fork();
        if (child == 0) {
            LimitTable table(service, shared, kClients, {});
            what(table);
            ::_exit(0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_EQ(status, 0);
    }
    Verdict ask(LimitTable& table, std::string_view client, const Limit& limit, uint64_t at = kSecond) {
        return table.enter(client, limit, at).verdict;
    }

    fake::Host host;
    const tp_shared_service& service = *fake::Shareds::table();
    tp_shared* shared = nullptr;
    static constexpr Limit kRate{.period_ns = kSecond / 10, .burst = 3, .at_once = 0};
    static constexpr Limit kTwo{.period_ns = 0, .burst = 1, .at_once = 2};
};

TEST_F(AccessLimitTable, LetsABurstPassAndThenTheRate) {
    const auto table = worker();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*table, "ann", kRate), Verdict::Pass);
    const LimitTable::Answer refused = table->enter("ann", kRate, kSecond);
    EXPECT_EQ(refused.verdict, Verdict::TooOften);
    EXPECT_EQ(refused.wait_ns, kSecond / 10);
    EXPECT_EQ(ask(*table, "bob", kRate), Verdict::Pass);
    EXPECT_EQ(ask(*table, "ann", kRate, kSecond + kSecond / 10 - 1), Verdict::TooOften);
    EXPECT_EQ(ask(*table, "ann", kRate, kSecond + kSecond / 10), Verdict::Pass);
    EXPECT_EQ(ask(*table, "ann", kRate, kSecond + kSecond / 10), Verdict::TooOften);
    // Who waited longer has the burst again, and no more.
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(*table, "ann", kRate, 100 * kSecond), Verdict::Pass);
    EXPECT_EQ(ask(*table, "ann", kRate, 100 * kSecond), Verdict::TooOften);
}

TEST_F(AccessLimitTable, CountsForAllWorkersTogether) {
    const auto one = worker(), two = worker();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(i % 2 == 0 ? *one : *two, "ann", kRate), Verdict::Pass);
    EXPECT_EQ(ask(*one, "ann", kRate), Verdict::TooOften);
    EXPECT_EQ(ask(*two, "ann", kRate), Verdict::TooOften);
    const auto first = one->enter("bob", kTwo, 0), second = two->enter("bob", kTwo, 0);
    EXPECT_EQ(ask(*one, "bob", kTwo), Verdict::TooMany);
    two->leave(second.held);
    EXPECT_EQ(ask(*one, "bob", kTwo), Verdict::Pass);
    EXPECT_EQ(ask(*two, "bob", kTwo), Verdict::TooMany);
    one->leave(first.held);
    EXPECT_EQ(ask(*two, "bob", kTwo), Verdict::Pass);
}

TEST_F(AccessLimitTable, GivesBackWhatAWorkerHadThatStops) {
    auto stopping = worker();
    const auto other = worker();
    stopping->enter("ann", kTwo, 0);
    stopping->enter("ann", kTwo, 0);
    EXPECT_EQ(ask(*other, "ann", kTwo), Verdict::TooMany);
    stopping.reset();
    EXPECT_EQ(ask(*other, "ann", kTwo), Verdict::Pass);
}

TEST_F(AccessLimitTable, GivesBackWhatADeadWorkerHadWhenAnotherOneStarts) {
    const auto alive = worker();
    alive->enter("ann", kTwo, 0);
    inWorkerThatDies([](LimitTable& table) { table.enter("ann", kTwo, 0); });
    const auto next = worker();
    EXPECT_EQ(ask(*next, "ann", kTwo, 0), Verdict::Pass) << "one of the two has died with its worker";
    EXPECT_EQ(ask(*next, "ann", kTwo, 0), Verdict::TooMany) << "the other one has not";
}

TEST_F(AccessLimitTable, GivesBackWhatADeadWorkerHadBeforeItRefuses) {
    const auto alive = worker();
    inWorkerThatDies([](LimitTable& table) {
        table.enter("ann", kTwo, 0);
        table.enter("ann", kTwo, 0);
    });
    EXPECT_EQ(ask(*alive, "ann", kTwo, 10 * kSecond), Verdict::Pass);
}

TEST_F(AccessLimitTable, CountsAnewWhatALockWasLeftOver) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "libtsan ends a thread that holds more than 64 locks";
#endif
    const auto alive = worker();
    const auto held = alive->enter("ann", kTwo, 0);
    inWorkerThatDies([&](LimitTable& table) {
        table.enter("ann", kTwo, 0);
        for (uint32_t shard = 0; shard < LimitTable::kShards; ++shard) service.lock(shared, shard, 0);
    });
    const auto next = worker();
    EXPECT_EQ(ask(*alive, "ann", kTwo, 0), Verdict::Pass);
    EXPECT_EQ(ask(*alive, "ann", kTwo, 0), Verdict::TooMany);
    alive->leave(held.held);
    EXPECT_EQ(ask(*alive, "ann", kTwo, 0), Verdict::Pass);
}

TEST_F(AccessLimitTable, KeepsWhoIsOverTheLimitAmongACrowd) {
    const auto table = worker();
    const Limit slow{.period_ns = 3600 * kSecond, .burst = 5, .at_once = 0};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(*table, "greedy", slow), Verdict::Pass);
    // A hundred for each place.
    for (uint64_t i = 0; i < kClients * 100; ++i)
        EXPECT_EQ(ask(*table, "crowd " + std::to_string(i), slow), Verdict::Pass)
            << "nobody is refused for others";
    EXPECT_EQ(ask(*table, "greedy", slow), Verdict::TooOften);
}

TEST_F(AccessLimitTable, KeepsWhoHasSomethingUnderWay) {
    const auto table = worker();
    std::vector<uint32_t> held;
    held.reserve(2);
    for (int i = 0; i < 2; ++i) held.push_back(table->enter("ann", kTwo, 0).held);
    for (uint64_t i = 0; i < kClients * 10; ++i) {
        const auto answer = table->enter("crowd " + std::to_string(i), kTwo, 0);
        EXPECT_EQ(answer.verdict, Verdict::Pass);
        held.push_back(answer.held);
    }
    EXPECT_GT(table->uncounted(), 0u) << "there is no place for all, and nobody is refused for it";
    EXPECT_EQ(ask(*table, "ann", kTwo, 0), Verdict::TooMany);
    for (const uint32_t place : held) table->leave(place);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(*table, "ann", kTwo, 0), Verdict::Pass);
    EXPECT_EQ(ask(*table, "ann", kTwo, 0), Verdict::TooMany);
}

TEST_F(AccessLimitTable, HasTheKeyThatTheFirstWorkerBrought) {
    const auto first = worker();
    for (int i = 0; i < 3; ++i) ask(*first, "ann", kRate);
    LimitTable other(service, shared, kClients, {77, 88});
    EXPECT_EQ(ask(other, "ann", kRate), Verdict::TooOften);
}

}  // namespace
}  // namespace turnpike::access
