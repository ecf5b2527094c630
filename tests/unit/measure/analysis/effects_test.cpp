#include "measure/analysis/effects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/analysis/lines.h"
#include "synthetic.h"

namespace turnpike::measure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Costs costing(double engine_us) {
    Costs costs;
    costs.engine_us = engine_us;
    costs.latency_us = 3 * engine_us;
    return costs;
}

void addHop(Synthetic& run, const std::string& backend, const std::string& transport, double engine_us) {
    run.add("E5/" + backend + "/" + transport + "/kept/1024/single",
            {{"backend", backend}, {"transport", transport}, {"connection", "kept"}, {"body", "1024"}},
            costing(engine_us));
}

const Effect* effectOf(const Analysis& analysis, const std::string& metric, const std::string& to) {
    for (const Effect& effect : analysis.effects)
        if (effect.metric == metric && effect.to == to) return &effect;
    return nullptr;
}

TEST(Effects, FindAnEffectOfFivePerCentAmongBlocksThatDifferByAsMuch) {
    Synthetic run;
    run.addSame();
    addHop(run, "responder", "unix", 20);
    addHop(run, "responder", "tcp", 21);
    Analysis analysis = run.analysed();
    const Effect* effect = effectOf(analysis, "cpu", "tcp");
    ASSERT_NE(effect, nullptr);
    EXPECT_EQ(effect->experiment + effect->factor + effect->from, "E5transportunix");
    EXPECT_LT(effect->ratio.low, 1.05);
    EXPECT_GT(effect->ratio.high, 1.05);
    EXPECT_TRUE(effect->ratio.excludes(1));
    EXPECT_TRUE(effect->is_detectable);
    EXPECT_LT(effectOf(analysis, "throughput", "tcp")->ratio.high, 1);
}

TEST(Effects, FindNoneWhereThereIsNone) {
    Synthetic run;
    run.addSame();
    addHop(run, "responder", "unix", 20);
    addHop(run, "responder", "tcp", 20);
    Analysis analysis = run.analysed();
    for (const char* metric : {"cpu", "p50", "throughput"}) {
        EXPECT_FALSE(effectOf(analysis, metric, "tcp")->ratio.excludes(1)) << metric;
        EXPECT_FALSE(effectOf(analysis, metric, "tcp")->is_detectable) << metric;
    }
}

TEST(Effects, AreNotClaimedWithoutAnAARunNorBelowWhatItSees) {
    Synthetic without;
    addHop(without, "responder", "unix", 20);
    addHop(without, "responder", "tcp", 30);
    EXPECT_FALSE(effectOf(without.analysed(), "cpu", "tcp")->is_detectable);
    EXPECT_FALSE(without.analysed().same.isKnown());

    Synthetic coarse;
    coarse.noise = 0.1;
    coarse.addSame();
    coarse.noise = 0.001;
    addHop(coarse, "responder", "unix", 20);
    addHop(coarse, "responder", "tcp", 21);
    Analysis analysis = coarse.analysed();
    EXPECT_TRUE(effectOf(analysis, "cpu", "tcp")->ratio.excludes(1));
    EXPECT_GT(analysis.detectable, 0.05);
    EXPECT_FALSE(effectOf(analysis, "cpu", "tcp")->is_detectable);
}

TEST(Effects, ComeOnlyFromCellsThatDifferInOneFactorThatIsNoNumber) {
    Synthetic run(2);
    addHop(run, "responder", "unix", 20);
    addHop(run, "php-fpm", "tcp", 20);
    run.add("E5/responder/unix/kept/4096/single",
            {{"backend", "responder"}, {"transport", "unix"}, {"connection", "kept"}, {"body", "4096"}}, {});
    EXPECT_THAT(run.analysed().effects, IsEmpty());
    addHop(run, "php-fpm", "unix", 20);
    EXPECT_THAT(run.analysed().effects, SizeIs(2 * 3));  // backend, transport; cpu, p50, throughput
}

TEST(Effects, ArePooledOverPairsInEitherDirection) {
    Synthetic run;
    addHop(run, "responder", "unix", 20);
    addHop(run, "responder", "tcp", 22);
    addHop(run, "php-fpm", "tcp", 110);
    addHop(run, "php-fpm", "unix", 100);
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    auto effects = effectsOf(evidence, Resolution(evidence));
    Estimate ratio = pooled(evidence, effects, {"E5", "transport", "unix", "tcp"}, Metric::Cpu, LoadKind::Single);
    EXPECT_NEAR(ratio.value, 1.1, 0.005);
    EXPECT_FALSE(pooled(evidence, effects, {"E5", "transport", "unix", "tcp"}, Metric::Cpu, LoadKind::Saturation)
                     .isKnown());
}

void addQueries(Synthetic& run, const std::string& database, double each_us) {
    for (int queries : {50, 0, 5, 1, 20}) {
        std::string count = std::to_string(queries);
        run.add(
            "E7/" + database + "/persistent/prepared/" + count + "/single",
            {{"database", database}, {"connection", "persistent"}, {"statement", "prepared"}, {"queries", count}},
            costing(300 + each_us * queries));
    }
}

TEST(Lines, FindTheCostOfOneMore) {
    Synthetic run;
    addQueries(run, "sqlite", 10);
    addQueries(run, "mariadb-unix", 40);
    std::vector<Line> lines = run.analysed().lines;
    ASSERT_THAT(lines, SizeIs(4));
    const Line& line = lines[2];
    EXPECT_EQ(line.group, "mariadb-unix, persistent, prepared");
    EXPECT_EQ(line.metric, "cpu");
    EXPECT_THAT(line.x, ElementsAre(0, 1, 5, 20, 50));
    EXPECT_NEAR(line.slope.value, 40, 2);
    EXPECT_TRUE(line.slope.excludes(0));
    EXPECT_NEAR(line.intercept.value, 300, 15);
    EXPECT_GT(line.r_squared, 0.999);
    EXPECT_EQ(lineThrough(lines, "E7/sqlite/persistent/prepared/5/single", Metric::P50), &lines[1]);
    EXPECT_EQ(lineThrough(lines, "E7/other", Metric::P50), nullptr);
}

TEST(Lines, NeedTwoPoints) {
    Synthetic run(3);
    run.add("E9/30/php/single", {{"dynamic", "30"}, {"page", "php"}}, {});
    run.add("E9/50/php-db/single", {{"dynamic", "50"}, {"page", "php-db"}}, {});
    EXPECT_THAT(run.analysed().lines, IsEmpty());
}

}  // namespace
}  // namespace turnpike::measure
