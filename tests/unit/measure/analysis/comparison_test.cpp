#include "measure/analysis/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kSingle = "E1/4096/sendfile/kept/single";

/// A run of the A/A cells and a static file whose requests make so many calls.
Measured runWith(const std::map<Class, double>& calls, uint64_t seed, const char* key = kSingle, double us = 30) {
    Synthetic run(8, seed);
    run.addSame();
    Costs costs;
    costs.engine_us = us;
    costs.calls = calls;
    run.add(key, {{"size", "4096"}, {"send", "sendfile"}, {"connection", "kept"}}, costs);
    return run.data;
}

TEST(CompareRuns, FindsNoChangeWhereThereIsNone) {
    Comparison same = compareRuns(runWith({{Class::Client, 4}}, 1), runWith({{Class::Client, 4}}, 2));
    EXPECT_EQ(same.cells, 3u);
    EXPECT_THAT(same.counts, IsEmpty());
    EXPECT_FALSE(same.hasRegression());
    for (const TimeChange& time : same.times) EXPECT_FALSE(time.looks_slower);
}

TEST(CompareRuns, NamesTheClassThatPaysOneCrossingMore) {
    Comparison worse = compareRuns(runWith({{Class::Client, 4}, {Class::File, 1}}, 1),
                                   runWith({{Class::Client, 4}, {Class::File, 2}}, 2));
    ASSERT_THAT(worse.counts, SizeIs(1));
    EXPECT_EQ(worse.counts[0].cell, kSingle);
    EXPECT_EQ(worse.counts[0].crossings, Class::File);
    EXPECT_DOUBLE_EQ(worse.counts[0].before, 1);
    EXPECT_DOUBLE_EQ(worse.counts[0].after, 2);
    EXPECT_TRUE(worse.hasRegression());
}

TEST(CompareRuns, ListsRegressionsBeforeOtherChanges) {
    Comparison mixed = compareRuns(runWith({{Class::Client, 6}, {Class::File, 1}, {Class::Event, 1}}, 1),
                                   runWith({{Class::Client, 4}, {Class::File, 1.3}, {Class::Event, 2}}, 2));
    ASSERT_THAT(mixed.counts, SizeIs(3));
    EXPECT_EQ(mixed.counts[0].crossings, Class::Event);
    EXPECT_TRUE(mixed.hasRegression());
    EXPECT_FALSE(mixed.counts[1].is_regression) << "two fewer";
    EXPECT_FALSE(mixed.counts[2].is_regression) << "one more for every third request";
}

TEST(CompareRuns, TakesNoCountThatVariesForAChange) {
    Measured before = runWith({{Class::Backend, 20}}, 1), after = runWith({{Class::Backend, 21}}, 2);
    auto& last = after.trials.back().crossings.of[size_t(Class::Backend)];
    last.calls = before.trials.back().crossings.of[size_t(Class::Backend)].calls;
    EXPECT_THAT(compareRuns(before, after).counts, IsEmpty());
}

TEST(CompareRuns, LeavesSharedCallsUnderSaturationAlone) {
    const char* key = "E1/4096/sendfile/kept/saturation";
    auto before = runWith({{Class::Client, 4}, {Class::Event, 1}}, 1, key);
    EXPECT_FALSE(compareRuns(before, runWith({{Class::Client, 4}, {Class::Event, 3}}, 2, key)).hasRegression());
    EXPECT_TRUE(compareRuns(before, runWith({{Class::Client, 5}, {Class::Event, 1}}, 2, key)).hasRegression());
}

const TimeChange& timeOf(const Comparison& comparison, const std::string& cell) {
    for (const TimeChange& time : comparison.times)
        if (time.cell == cell && time.metric == "cpu") return time;
    throw std::out_of_range(cell);
}

TEST(CompareRuns, RelatesTimesToTheirOwnRunAndDecidesNothingByThem) {
    Measured before = runWith({}, 1), after = runWith({}, 2, kSingle, 45);
    for (Trial& trial : after.trials) trial.engine_ns *= 2;  // a slower machine
    Comparison slower = compareRuns(before, after);
    const TimeChange& time = timeOf(slower, kSingle);
    EXPECT_EQ(time.relative_to, "E0/aa");
    EXPECT_NEAR(time.ratio.value, 1.5, 0.02);
    EXPECT_TRUE(time.looks_slower);
    EXPECT_EQ(timeOf(slower, "E0/aa/1/single").relative_to, "null_syscall");
    EXPECT_FALSE(slower.hasRegression());
}

TEST(CompareRuns, RelatesNoTimesWithoutAUnit) {
    Synthetic one(4, 1), other(4, 2);
    for (Synthetic* run : {&one, &other}) {
        run->forget("null_syscall");
        run->add(kSingle, {{"size", "4096"}}, {});
    }
    EXPECT_THAT(compareRuns(one.data, other.data).times, IsEmpty());
}

TEST(CompareRuns, ListsWhatOnlyOneHasAndHowTheMachinesDiffer) {
    Measured before = runWith({}, 1), after = runWith({}, 2, "E1/512/sendfile/kept/single");
    after.run.fingerprint[0].value = "Linux 6.12.1";
    Comparison comparison = compareRuns(before, after);
    EXPECT_EQ(comparison.cells, 2u);
    EXPECT_THAT(comparison.only_before, ElementsAre(kSingle));
    EXPECT_THAT(comparison.only_after, ElementsAre("E1/512/sendfile/kept/single"));
    EXPECT_THAT(comparison.machine, ElementsAre("kernel: Linux 6.1.0 -> Linux 6.12.1"));
}

}  // namespace
}  // namespace turnpike::measure
