#include "measure/analysis/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "synthetic.h"

namespace turnpike::measure {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Evidence, TakesWhatCountsAndLeavesOutWhatWasRejected) {
    Synthetic run(6);
    run.add("E1/512/sendfile/kept/single", {{"size", "512"}}, {});
    run.data.trials[2].rejected = {"steal"};
    run.data.trials.push_back(run.data.trials[0]);
    run.data.trials.back().cell = "E1/unknown";
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    ASSERT_EQ(evidence.cells().size(), 1u);
    EXPECT_EQ(evidence.cells()[0].counted.size(), 5u);
    EXPECT_EQ(evidence.cells()[0].rejected.size(), 1u);
    EXPECT_EQ(evidence.series(evidence.cells()[0], Metric::Cpu).count(2), 0u);
    EXPECT_EQ(evidence.mean(evidence.cells()[0], Metric::Cpu).n, 5u);
}

TEST(Evidence, AddsUpTheCpuOfAllThatServe) {
    Synthetic run(6);
    run.noise = 0;
    Costs costs;
    costs.engine_us = 20, costs.backend_us = 30, costs.database_us = 50;
    run.add("E7/a/single", {}, costs);
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    const CellTrials& cell = evidence.cells()[0];
    double engine = evidence.mean(cell, Metric::Engine).value;
    EXPECT_NEAR(evidence.mean(cell, Metric::Cpu).value, 5 * engine, 1e-2);
    EXPECT_NEAR(evidence.mean(cell, Metric::Database).value, 2.5 * engine, 1e-2);
}

TEST(Evidence, KnowsNoBackendWhereThereIsNone) {
    Synthetic run(6);
    run.add("E1/a/single", {}, {});
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    EXPECT_FALSE(evidence.mean(evidence.cells()[0], Metric::Backend).isKnown());
}

TEST(Evidence, CountsConnectionsWhereManyAskForNothing) {
    Cell filters{"E3/none/abandoned/single", "E3", "", {}, LoadKind::Single};
    Trial trial;
    trial.requests = 0;
    trial.extra = {{"connections", 50}, {"accepts", 100}};
    EXPECT_EQ(unitsOf(filters, trial), 50);
    EXPECT_EQ(extraOf(filters, trial, "accepts"), 2);
    EXPECT_FALSE(extraOf(filters, trial, "wakeups"));
    EXPECT_EQ(unitsOf(Cell{"E1", "E1", "", {}, LoadKind::Single}, trial), 0);
}

TEST(Evidence, PairsOnlyBlocksThatAllHave) {
    EXPECT_THAT(align({{{0, 1}, {1, 2}, {3, 4}}, {{1, 20}, {2, 30}, {3, 40}}}),
                ElementsAre(ElementsAre(2, 4), ElementsAre(20, 40)));
    EXPECT_THAT(align({{{0, 1}}, {}}), ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(Evidence, FindsCellsByTheirFactors) {
    Synthetic run(2);
    run.add("E5/responder/unix/single", {{"backend", "responder"}, {"transport", "unix"}}, {});
    run.add("E5/responder/tcp/single", {{"backend", "responder"}, {"transport", "tcp"}}, {});
    run.add("E5/responder/tcp/saturation", {{"backend", "responder"}, {"transport", "tcp"}}, {});
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    EXPECT_EQ(evidence.select("E5", {{"transport", "tcp"}}).size(), 2u);
    EXPECT_EQ(evidence.find("E5", {{"transport", "tcp"}}, LoadKind::Saturation)->cell->key,
              "E5/responder/tcp/saturation");
    EXPECT_EQ(evidence.find("E5", {{"transport", "pigeon"}}, LoadKind::Single), nullptr);
    EXPECT_EQ(evidence.sibling(run.data.cells[0], {{"transport", "tcp"}})->cell->key, "E5/responder/tcp/single");
    EXPECT_EQ(evidence.sibling(run.data.cells[0], {{"colour", "red"}}), nullptr);
}

TEST(Constants, AreAbsentUnlessCalibrated) {
    std::vector<Constant> all{{"null_syscall", "ns", 120, 110, 130, 100, 30}};
    Constants constants(all);
    EXPECT_THAT(constants.find("null_syscall")->value, DoubleNear(0.12, 1e-12));
    EXPECT_THAT(constants.find("null_syscall")->high, DoubleNear(0.13, 1e-12));
    EXPECT_FALSE(constants.find("page_fault"));
    EXPECT_EQ(constants.missing({"page_fault", "null_syscall", "spawn_static"}), "page_fault, spawn_static");
}

}  // namespace
}  // namespace turnpike::measure
