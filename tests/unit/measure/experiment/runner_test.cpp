#include "measure/experiment/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace turnpike::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

/// Servers of paper: each trial is what the test says.
class PaperBench : public Bench {
 public:
    Result<bool> prepare(const std::vector<Plan>& plans) override {
        prepared.push_back(plans.front().cell.experiment);
        return true;
    }
    Result<Trial> measure(const Plan& plan) override {
        Trial trial;
        trial.requests = 1;
        if (is_bad && is_bad(plan.cell.key)) trial.rejected = {"it rained"};
        return trial;
    }
    std::vector<std::string> prepared;
    std::function<bool(const std::string& key)> is_bad;
};

struct Log {
    std::vector<Trial> trials;
    size_t stop_after = SIZE_MAX;
    Progress last;

    Hooks hooks() {
        Hooks hooks;
        hooks.keep = [this](const Trial& trial) {
            trials.push_back(trial);
            return Result<bool>(true);
        };
        hooks.tell = [this](const Progress& progress) { last = progress; };
        hooks.is_stopped = [this] { return trials.size() >= stop_after; };
        return hooks;
    }
};

std::vector<Plan> plans(const std::vector<std::string>& keys) {
    std::vector<Plan> all;
    for (const std::string& key : keys) {
        Plan plan;
        plan.cell.key = key;
        plan.cell.experiment = key.substr(0, key.find('/'));
        all.push_back(plan);
    }
    return all;
}

const std::vector<Plan> kPlans = plans({"E1/a", "E1/b", "E1/c", "E1/d", "E2/a", "E2/b"});

Pace paceOf(unsigned blocks) {
    Pace pace;
    pace.blocks = blocks;
    pace.refresh_blocks = 0;
    return pace;
}

using Place = std::tuple<std::string, unsigned, unsigned>;
std::vector<Place> placesOf(const std::vector<Trial>& trials) {
    std::vector<Place> places;
    for (const Trial& trial : trials) places.emplace_back(trial.cell, trial.block, trial.position);
    return places;
}

TEST(Order, IsAPermutationForEachBlock) {
    std::vector<size_t> all(20);
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::set<std::vector<size_t>> orders;
    for (unsigned block = 0; block < 10; ++block) {
        orders.insert(orderOf(7, "E1", block, all.size()));
        EXPECT_THAT(orderOf(7, "E1", block, all.size()), UnorderedElementsAreArray(all));
    }
    EXPECT_EQ(orders.size(), 10u);
}

TEST(Order, DependsOnSeedAndExperimentAndIsTheSameEachTime) {
    EXPECT_EQ(orderOf(7, "E1", 3, 30), orderOf(7, "E1", 3, 30));
    EXPECT_NE(orderOf(7, "E1", 3, 30), orderOf(8, "E1", 3, 30));
    EXPECT_NE(orderOf(7, "E1", 3, 30), orderOf(7, "E5", 3, 30));
}

TEST(Runner, MeasuresEachCellOnceInEachBlock) {
    PaperBench bench;
    Log log;
    auto done = run(kPlans, paceOf(3), 1, {}, bench, log.hooks());
    ASSERT_TRUE(done && *done);
    EXPECT_EQ(log.trials.size(), 18u);
    std::map<std::pair<std::string, unsigned>, int> seen;
    for (const Trial& trial : log.trials) ++seen[{trial.cell, trial.block}];
    EXPECT_EQ(seen.size(), 18u);
    EXPECT_THAT(bench.prepared, ElementsAre("E1", "E2"));
    EXPECT_EQ(log.last.planned, 18u);
}

TEST(Runner, NumbersTheTrialsOfABlockInTheirOrder) {
    PaperBench bench;
    Log log;
    ASSERT_TRUE(run(plans({"E1/a", "E1/b", "E1/c"}), paceOf(2), 1, {}, bench, log.hooks()));
    std::vector<unsigned> positions;
    for (const Trial& trial : log.trials) positions.push_back(trial.position);
    EXPECT_THAT(positions, ElementsAre(0, 1, 2, 0, 1, 2));
}

/// Wherever a run is stopped, what comes after is what would have come.
TEST(Runner, GoesOnExactlyWhereItWasStopped) {
    PaperBench bench;
    bench.is_bad = [](const std::string& key) { return key == "E1/c"; };
    Log whole;
    ASSERT_TRUE(run(kPlans, paceOf(3), 5, {}, bench, whole.hooks()));
    ASSERT_EQ(whole.trials.size(), 18u + 3u * 2u);
    for (size_t stop = 0; stop < whole.trials.size(); ++stop) {
        Log log;
        log.stop_after = stop;
        auto done = run(kPlans, paceOf(3), 5, {}, bench, log.hooks());
        ASSERT_TRUE(done);
        EXPECT_FALSE(*done);
        const std::vector<Trial> before = log.trials;
        log.stop_after = SIZE_MAX;
        done = run(kPlans, paceOf(3), 5, before, bench, log.hooks());
        ASSERT_TRUE(done && *done);
        EXPECT_EQ(placesOf(log.trials), placesOf(whole.trials)) << "stopped after " << stop;
    }
}

TEST(Runner, RepeatsWhatWasRejectedAtTheBlocksEndAndGivesUpInTheEnd) {
    PaperBench bench;
    bench.is_bad = [](const std::string& key) { return key == "E1/b"; };
    Log log;
    Pace pace = paceOf(1);
    pace.attempts = 3;
    ASSERT_TRUE(run(plans({"E1/a", "E1/b", "E1/c"}), pace, 1, {}, bench, log.hooks()));
    std::vector<std::string> cells;
    for (const Trial& trial : log.trials) cells.push_back(trial.cell);
    ASSERT_EQ(cells.size(), 5u);
    EXPECT_EQ(cells[3], "E1/b");
    EXPECT_EQ(cells[4], "E1/b");
    EXPECT_EQ(std::count(cells.begin(), cells.end(), "E1/b"), 3);
}

TEST(Runner, TakesARepeatThatGoesWell) {
    PaperBench bench;
    int asked = 0;
    bench.is_bad = [&](const std::string& key) { return key == "E1/b" && ++asked == 1; };
    Log log;
    ASSERT_TRUE(run(plans({"E1/a", "E1/b"}), paceOf(1), 1, {}, bench, log.hooks()));
    EXPECT_EQ(log.trials.size(), 3u);
    EXPECT_TRUE(log.trials.back().rejected.empty());
}

TEST(Runner, RepeatsNoMoreThanItsShare) {
    PaperBench bench;
    bench.is_bad = [](const std::string&) { return true; };
    Pace pace = paceOf(5);
    pace.attempts = 3;
    pace.most_repeats = 0.2;
    Log log;
    ASSERT_TRUE(run(plans({"E1/a", "E1/b"}), pace, 1, {}, bench, log.hooks()));
    EXPECT_EQ(log.trials.size(), 12u);
}

TEST(Runner, StartsServersAnewAfterSomeBlocks) {
    PaperBench bench;
    Pace pace = paceOf(5);
    pace.refresh_blocks = 2;
    Log log;
    ASSERT_TRUE(run(plans({"E1/a"}), pace, 1, {}, bench, log.hooks()));
    EXPECT_THAT(bench.prepared, ElementsAre("E1", "E1", "E1"));
}

TEST(Runner, EndsWhenATrialCannotBeKept) {
    PaperBench bench;
    Log log;
    Hooks hooks = log.hooks();
    hooks.keep = [](const Trial&) { return Result<bool>(Error{ENOSPC, "the disk is full"}); };
    auto done = run(kPlans, paceOf(3), 1, {}, bench, hooks);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text, "the disk is full");
}

}  // namespace
}  // namespace turnpike::measure
