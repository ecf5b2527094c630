#include "measure/analysis/bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using testing::IsEmpty;

const Synthetic::Factors kStatic{{"size", "4096"}, {"send", "sendfile"}, {"connection", "kept"}};
constexpr const char* kKey = "E1/4096/sendfile/kept/saturation";

/// 1 KiB copied, 4096 bytes moved; 10 calls of which 2 for events.
Costs staticFile() {
    Costs costs;
    costs.engine_us = 40;
    costs.calls = {{Class::Client, 6}, {Class::File, 2}, {Class::Event, 2}};
    costs.request_bytes = 500;
    costs.response_bytes = 524 + 4096;
    return costs;
}

TEST(Bounds, AreWhatTheMethodSays) {
    Synthetic run;
    run.noise = 0;
    run.add(kKey, kStatic, staticFile());
    Analysis analysis = run.analysed();
    ASSERT_EQ(analysis.bounds.size(), 1u);
    const Bound& bound = analysis.bounds[0];
    double cpu = findCell(analysis, kKey)->cpu_us.value;
    double kthread = 10 * 0.12 + 1 * 0.03;
    double softirq = kthread + 2 * 1.4 / 2 + 2 * 2.9;
    EXPECT_NEAR(bound.kthread.value, cpu / (cpu - kthread), 1e-6);
    EXPECT_NEAR(bound.softirq.value, cpu / (cpu - softirq), 1e-6);
    EXPECT_NEAR(bound.omniscient.value, cpu / (7.5 - 2 * 0.12), 1e-3);
    EXPECT_FALSE(bound.latency_softirq.isKnown()) << "under saturation";
    EXPECT_LT(bound.softirq.low, bound.softirq.value);
    EXPECT_GT(bound.softirq.high, bound.softirq.value);
    EXPECT_THAT(bound.missing, IsEmpty());
}

TEST(Bounds, OfLatencyTakeOneWakeOfAnIdleProcessorTheClients) {
    Synthetic run;
    run.noise = 0;
    Costs costs = staticFile();
    costs.latency_us = 100;
    run.add("E1/4096/sendfile/kept/single", kStatic, costs);
    Analysis analysis = run.analysed();
    double time = findCell(analysis, "E1/4096/sendfile/kept/single")->p50_us.value;
    double softirq = 10 * 0.12 + 0.03 + 1.4 + 12 + 2.9;
    EXPECT_NEAR(analysis.bounds[0].latency_softirq.value, time / (time - softirq), 1e-3);
}

TEST(Bounds, NeverPassWhatAnOmniscientServerWouldSave) {
    Synthetic run;
    Costs costs = staticFile();
    costs.engine_us = 12;
    run.add(kKey, kStatic, costs);
    const Bound bound = run.analysed().bounds[0];
    EXPECT_DOUBLE_EQ(bound.softirq.value, bound.omniscient.value);
    EXPECT_LT(bound.kthread.value, bound.softirq.value);
}

TEST(Bounds, AreHeldByWhatIsNotTheEngine) {
    Synthetic run;
    Costs costs = staticFile();
    costs.backend_us = 360;
    run.add("E5/php-fpm/unix/kept/1024/saturation",
            {{"backend", "php-fpm"}, {"transport", "unix"}, {"connection", "kept"}, {"body", "1024"}}, costs);
    const Bound bound = run.analysed().bounds[0];
    EXPECT_LT(bound.omniscient.value, 400.0 / 360);  // Amdahl
    EXPECT_LT(bound.softirq.high, 1.05);
}

TEST(Bounds, PriceACallByInjection) {
    Synthetic run;
    run.noise = 0;
    for (int calls : {0, 50, 200, 1000}) {
        Costs costs;
        costs.engine_us = 20 + calls * 0.180;
        run.add("E0/inject/" + std::to_string(calls) + "/single",
                {{"probe", "inject"}, {"calls", std::to_string(calls)}}, costs);
    }
    run.add(kKey, kStatic, staticFile());
    Analysis analysis = run.analysed();
    EXPECT_NEAR(*analysis.pollution, 1.5, 0.1);
    double cpu = findCell(analysis, kKey)->cpu_us.value;
    double call = *analysis.pollution * 0.12;
    EXPECT_NEAR(analysis.bounds[0].kthread.value, cpu / (cpu - 10 * call - 0.03), 1e-6);
}

TEST(Bounds, PriceNoCallBelowABareOne) {
    Synthetic run;
    for (int calls : {0, 50, 200, 1000}) {
        Costs costs;
        costs.engine_us = 20 + calls * 0.06;
        run.add("E0/inject/" + std::to_string(calls) + "/single",
                {{"probe", "inject"}, {"calls", std::to_string(calls)}}, costs);
    }
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    EXPECT_DOUBLE_EQ(callPrice(evidence, run.analysed().lines)->value, 0.12);
}

struct Missing {
    const char* constant;
    bool has_kthread, has_softirq, has_omniscient;
};

class BoundsWithout : public testing::TestWithParam<Missing> {};

TEST_P(BoundsWithout, KnowOnlyWhatDoesNotNeedIt) {
    Synthetic run;
    run.add(kKey, kStatic, staticFile());
    run.forget(GetParam().constant);
    const Bound bound = run.analysed().bounds[0];
    EXPECT_EQ(bound.kthread.isKnown(), GetParam().has_kthread);
    EXPECT_EQ(bound.softirq.isKnown(), GetParam().has_softirq);
    EXPECT_EQ(bound.omniscient.isKnown(), GetParam().has_omniscient);
    EXPECT_EQ(bound.missing, GetParam().constant);
}

INSTANTIATE_TEST_SUITE_P(
    EachConstant, BoundsWithout,
    testing::Values(Missing{"null_syscall", false, false, false}, Missing{"copy_per_kib_tcp", false, false, false},
                    Missing{"unix_write_read", true, false, true}, Missing{"connect_unix", true, false, true},
                    Missing{"wake_same_cpu", true, false, true}, Missing{"tcp_write_read", true, true, false}),
    [](const auto& test) { return std::string(test.param.constant); });

TEST(Counts, TakeWhatTheExperimentNotedBeforeWhatTheLedgerSuggests) {
    Synthetic run(3);
    Costs costs = staticFile();
    costs.extra = {{"accepts", 0.5}, {"wakeups", 0.75}};
    costs.calls[Class::Listen] = 3;
    run.add(kKey, kStatic, costs);
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    Counts counts = countsOf(evidence.cells()[0]);
    EXPECT_DOUBLE_EQ(counts.accepts, 0.5);
    EXPECT_DOUBLE_EQ(counts.wakes, 0.75);
    EXPECT_DOUBLE_EQ(counts.client_kib, 1);
    for (Trial& trial : run.data.trials) trial.extra.clear();
    EXPECT_DOUBLE_EQ(countsOf(evidence.cells()[0]).accepts, 3);
    EXPECT_DOUBLE_EQ(countsOf(evidence.cells()[0]).wakes, 2);
}

TEST(Split, AddsUpToTheCpuAndPricesWhatWasCounted) {
    Synthetic run;
    run.add(kKey, kStatic, staticFile());
    CellSummary cell = *findCell(run.analysed(), kKey);
    ASSERT_TRUE(cell.split.is_known);
    EXPECT_NEAR(cell.split.trap, 10 * 0.12, 1e-9);
    EXPECT_NEAR(cell.split.copy, 0.03, 1e-9);
    EXPECT_NEAR(cell.split.wake, 2 * 2.9, 1e-9);
    EXPECT_NEAR(cell.split.kernel_work, 7.5 - 0.24, 1e-9);
    EXPECT_NEAR(cell.split.trap + cell.split.copy + cell.split.wake + cell.split.kernel_work + cell.split.user,
                cell.cpu_us.value, 1e-9);
}

TEST(Split, OfCgiHoldsTheProcessOfItsProgram) {
    Synthetic run;
    Costs costs;
    costs.backend_us = 700;
    run.add("E4/c-static/single", {{"program", "c-static"}}, costs);
    CellSummary cell = *findCell(run.analysed(), "E4/c-static/single");
    EXPECT_NEAR(cell.split.kernel_work, 300 + 7.5 - 0.24, 1e-9);
    run.forget("spawn_static");
    EXPECT_FALSE(findCell(run.analysed(), "E4/c-static/single")->split.is_known);
}

}  // namespace
}  // namespace turnpike::measure
