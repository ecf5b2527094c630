#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/analysis/claims.h"
#include "synthetic.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Level = Verdict::Level;

struct AtThreshold {
    double low, high;
    Level level;
};

class Levels : public testing::TestWithParam<AtThreshold> {};

TEST_P(Levels, FollowFromWhereTheIntervalLies) {
    Synthetic run;
    run.addSame();
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    Resolution resolution(evidence);
    Analysis analysis;
    auto [low, high, level] = GetParam();
    EXPECT_EQ(Judge(evidence, resolution, analysis).ofGain({(low + high) / 2, low, high, 10}), level);
}

INSTANTIATE_TEST_SUITE_P(OfGains, Levels,
                         testing::Values(AtThreshold{1.01, 1.0999, Level::Supported},
                                         AtThreshold{1.01, 1.1001, Level::Material},
                                         AtThreshold{1.2499, 1.4, Level::Material},
                                         AtThreshold{1.2501, 1.4, Level::Refuted},
                                         AtThreshold{0.9, 1.6, Level::Material}));

TEST(Levels, OfWhatAFilterLeavesAreTheOtherWayRound) {
    Synthetic run;
    run.addSame();
    Evidence evidence(run.data.run, run.data.cells, run.data.trials);
    Resolution resolution(evidence);
    Analysis analysis;
    Judge judge(evidence, resolution, analysis);
    EXPECT_EQ(judge.ofRest({0.7, 0.6, 0.7499, 10}), Level::Supported);
    EXPECT_EQ(judge.ofRest({0.8, 0.6, 0.7501, 10}), Level::Material);
    EXPECT_EQ(judge.ofRest({0.95, 0.9001, 1, 10}), Level::Refuted);
    EXPECT_EQ(judge.ofRest({0, 0, 0, 0}), Level::NoEvidence);
}

TEST(Levels, AreNotGivenByARunThatCannotSee) {
    Synthetic coarse;
    coarse.noise = 0.3;
    coarse.addSame();
    Evidence evidence(coarse.data.run, coarse.data.cells, coarse.data.trials);
    Resolution resolution(evidence);
    Analysis analysis;
    EXPECT_EQ(Judge(evidence, resolution, analysis).ofGain({1.02, 1.01, 1.03, 10}), Level::NoEvidence);
    Evidence none(coarse.data.run, {}, {});
    EXPECT_EQ(Judge(none, Resolution(none), analysis).ofGain({1.02, 1.01, 1.03, 10}), Level::NoEvidence);
}

Costs staticFile(double engine_us) {
    Costs costs;
    costs.engine_us = engine_us;
    costs.calls = {{Class::Client, 6}, {Class::Event, 1}};
    return costs;
}

Verdict verdictOnStatic(double engine_us, const Thresholds& thresholds = {}) {
    Synthetic run;
    run.addSame();
    run.add("E1/4096/sendfile/kept/single", {{"size", "4096"}, {"send", "sendfile"}, {"connection", "kept"}},
            staticFile(engine_us));
    return run.analysed(thresholds).verdicts.at(0);
}

TEST(ClaimOfCrossing, IsJudgedByTheSoftirqBound) {
    EXPECT_EQ(verdictOnStatic(100).level, Level::Supported);
    EXPECT_EQ(verdictOnStatic(30).level, Level::Material);
    EXPECT_EQ(verdictOnStatic(14).level, Level::Refuted);
}

TEST(ClaimOfCrossing, FollowsTheThresholdsThatItIsGiven) {
    EXPECT_EQ(verdictOnStatic(100, {0.01, 0.04}).level, Level::Refuted);
    EXPECT_EQ(verdictOnStatic(30, {0.30, 0.50}).level, Level::Supported);
}

TEST(ClaimOfCrossing, HasASentenceToQuote) {
    Verdict verdict = verdictOnStatic(100);
    EXPECT_EQ(verdict.claim, 1);
    EXPECT_EQ(verdict.content, "static 4 KiB (sendfile, connection kept)");
    EXPECT_THAT(verdict.measured, HasSubstr("estimated"));
    EXPECT_THAT(verdict.sentence, AllOf(HasSubstr("at most 4."), HasSubstr("crossing is not the bottleneck"),
                                        HasSubstr("Estimated from 7.00 counted crossings"),
                                        HasSubstr("Linux 6.1.0, Paper 9000"), HasSubstr("can be seen")));
}

TEST(ClaimOfCrossing, SaysWhichConstantIsMissing) {
    Synthetic run;
    run.addSame();
    run.add("E9/30/php/single", {{"dynamic", "30"}, {"page", "php"}}, staticFile(100));
    run.forget("wake_same_cpu");
    Verdict verdict = run.analysed().verdicts.at(0);
    EXPECT_EQ(verdict.level, Level::NoEvidence);
    EXPECT_FALSE(verdict.gain.isKnown());
    EXPECT_THAT(verdict.sentence, HasSubstr("No evidence: wake_same_cpu not measured"));
}

TEST(ClaimOfCrossing, FallsWithTheDynamicShareOfAMix) {
    Synthetic run;
    run.addSame();
    for (int share : {0, 50, 100}) {
        Costs costs = staticFile(20);
        costs.backend_us = 4.0 * share;
        run.add("E9/" + std::to_string(share) + "/php/saturation",
                {{"dynamic", std::to_string(share)}, {"page", "php"}}, costs);
    }
    Analysis analysis = run.analysed();
    ASSERT_THAT(analysis.verdicts, SizeIs(3));
    EXPECT_EQ(analysis.verdicts[0].level, Level::Refuted);
    EXPECT_EQ(analysis.verdicts[1].level, Level::Supported);
    EXPECT_GT(analysis.bounds[1].softirq.value, analysis.bounds[2].softirq.value);
    EXPECT_EQ(analysis.bounds[1].dynamic_share, 0.5);
    EXPECT_EQ(analysis.verdicts[1].content, "50 % PHP pages, the rest static");
}

TEST(ClaimOfCrossing, IsJudgedUnderSaturationWhereThatWasMeasured) {
    Synthetic run;
    run.addSame();
    const Synthetic::Factors factors{{"size", "512"}, {"send", "sendfile"}, {"connection", "kept"}};
    run.add("E1/512/sendfile/kept/single", factors, staticFile(14));
    run.add("E1/512/sendfile/kept/saturation", factors, staticFile(100));
    Analysis analysis = run.analysed();
    ASSERT_THAT(analysis.verdicts, SizeIs(1));
    EXPECT_EQ(analysis.verdicts[0].level, Level::Supported);
}

TEST(ClaimOfCgi, IsSupportedWhereTheProcessIsTheCost) {
    Synthetic run;
    run.addSame();
    Costs cgi = staticFile(30), control = staticFile(12);
    cgi.backend_us = 480;
    cgi.calls[Class::Spawn] = 3;
    run.add("E4/c-dynamic/single", {{"program", "c-dynamic"}}, cgi);
    run.add("E4/in-process/single", {{"program", "in-process"}}, control);
    Analysis analysis = run.analysed();
    ASSERT_THAT(analysis.verdicts, SizeIs(1));
    const Verdict& verdict = analysis.verdicts[0];
    EXPECT_EQ(verdict.claim, 2);
    EXPECT_EQ(verdict.level, Level::Supported);
    EXPECT_LT(verdict.gain.high, 1.02);
    EXPECT_THAT(verdict.sentence,
                AllOf(HasSubstr("97."), HasSubstr("is the process that it starts"), HasSubstr("has it too")));
}

/// accepts, wake-ups and reads of each connection, without a filter and with it.
Verdict verdictOnFilter(const std::string& client, double without, double with) {
    Synthetic run;
    run.addSame();
    for (const char* filter : {"none", "defer_accept"}) {
        double each = filter == std::string("none") ? without : with;
        Costs costs = staticFile(10 + each * 3);
        costs.extra = {
            {"connections", 1}, {"accepts", each / 3}, {"wakeups", each / 3}, {"client_reads", each / 3}};
        run.add("E3/" + std::string(filter) + "/" + client + "/single", {{"filter", filter}, {"client", client}},
                costs);
    }
    return run.analysed().verdicts.at(0);
}

TEST(ClaimOfFilters, IsJudgedByWhatStillEntersUserland) {
    EXPECT_EQ(verdictOnFilter("abandoned", 6, 0).level, Level::Supported);
    EXPECT_EQ(verdictOnFilter("garbage", 6, 6).level, Level::Refuted);
    EXPECT_EQ(verdictOnFilter("split", 6, 5).level, Level::Material);
}

TEST(ClaimOfFilters, SaysHowMuchAndWhichShareOfTheBound) {
    Verdict verdict = verdictOnFilter("abandoned", 6, 3);
    EXPECT_EQ(verdict.claim, 3);
    EXPECT_NEAR(verdict.gain.value, 0.5, 1e-9);
    EXPECT_THAT(verdict.sentence,
                AllOf(HasSubstr("connections that ask for nothing"), HasSubstr("3.00 times each, without it 6.00"),
                      HasSubstr("keeps them out of userland"), HasSubstr("softirq bound, estimated")));
}

TEST(ClaimOfFilters, HasNoEvidenceWithoutItsCounts) {
    Synthetic run;
    run.addSame();
    for (const char* filter : {"none", "defer_accept"})
        run.add("E3/" + std::string(filter) + "/slow/single", {{"filter", filter}, {"client", "slow"}}, {});
    Verdict verdict = run.analysed().verdicts.at(0);
    EXPECT_EQ(verdict.level, Level::NoEvidence);
    EXPECT_THAT(verdict.sentence, HasSubstr("accepts, wake-ups and reads of E3 not measured"));
}

void addHop(Synthetic& run, const std::string& backend, const std::string& transport,
            const std::string& connection, double latency_us) {
    Costs costs = staticFile(latency_us / 3);
    costs.latency_us = latency_us;
    run.add("E5/" + backend + "/" + transport + "/" + connection + "/1024/single",
            {{"backend", backend}, {"transport", transport}, {"connection", connection}, {"body", "1024"}}, costs);
}

Verdict verdictOnHop(double page_us) {
    Synthetic run;
    run.noise = 0.001;
    run.addSame();
    addHop(run, "responder", "unix", "kept", 90);
    addHop(run, "in-process", "none", "none", 60);
    addHop(run, "php-fpm", "unix", "kept", page_us);
    for (const Verdict& verdict : run.analysed().verdicts)
        if (verdict.claim == 4) return verdict;
    throw std::out_of_range("claim 4");
}

TEST(ClaimOfHops, PutsAPriceOnTheFastCgiHop) {
    Verdict verdict = verdictOnHop(600);
    EXPECT_EQ(verdict.level, Level::Supported);
    EXPECT_NEAR(verdict.gain.value, 600.0 / 570, 0.002);
    EXPECT_THAT(verdict.sentence,
                AllOf(HasSubstr("The FastCGI hop of a PHP page (unix, connection kept, 1 KiB)"),
                      HasSubstr(") of CPU, and makes the page 5.3 %"), HasSubstr("a small price")));
    EXPECT_EQ(verdictOnHop(200).level, Level::Material);
    EXPECT_EQ(verdictOnHop(120).level, Level::Refuted);
}

TEST(ClaimOfHops, HasAPriceButNoVerdictWithoutAPage) {
    Synthetic run;
    run.addSame();
    addHop(run, "responder", "tcp", "new", 90);
    addHop(run, "in-process", "none", "none", 60);
    Analysis analysis = run.analysed();
    ASSERT_THAT(analysis.verdicts, SizeIs(1));
    EXPECT_EQ(analysis.verdicts[0].level, Level::NoEvidence);
    EXPECT_THAT(analysis.verdicts[0].sentence, AllOf(HasSubstr(") of time"), HasSubstr("php-fpm")));
}

void addQueries(Synthetic& run, const std::string& database, double each_us) {
    for (int queries : {0, 5, 20}) {
        Costs costs = staticFile(100 + each_us * queries / 2);
        costs.latency_us = 400 + each_us * queries;
        run.add("E7/" + database + "/persistent/prepared/" + std::to_string(queries) + "/single",
                {{"database", database},
                 {"connection", "persistent"},
                 {"statement", "prepared"},
                 {"queries", std::to_string(queries)}},
                costs);
    }
}

TEST(ClaimOfHops, PutsAPriceOnAQuery) {
    Synthetic run;
    run.noise = 0.001;
    run.addSame();
    addQueries(run, "sqlite", 8);
    addQueries(run, "mariadb-unix", 48);
    Analysis analysis = run.analysed();
    const Verdict& verdict = analysis.verdicts.back();
    EXPECT_EQ(verdict.claim, 4);
    EXPECT_EQ(verdict.level, Level::Refuted);
    EXPECT_NEAR(verdict.gain.value, 640.0 / 440, 0.01);
    EXPECT_THAT(verdict.sentence, AllOf(HasSubstr("PHP with 5 queries (MariaDB, unix, persistent, prepared)"),
                                        HasSubstr("a query costs 4"), HasSubstr("% of the page, and"),
                                        HasSubstr("in SQLite it costs"), HasSubstr("a high price")));
}

TEST(Verdicts, AreNoneWithoutExperiments) {
    Synthetic run;
    run.addSame();
    EXPECT_THAT(run.analysed().verdicts, IsEmpty());
}

}  // namespace
}  // namespace turnpike::measure
