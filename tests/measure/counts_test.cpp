// What is counted is exact, whatever else the machine does meanwhile: trials that were rejected for their times
// are looked at, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "measure/instrument.h"

namespace turnpike::measure {
namespace {

using ledger::Class;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

uint64_t calls(const Trial& trial, Class of) { return trial.crossings.of[static_cast<size_t>(of)].calls; }

/// Making and ending connections is not of any request: a few calls in a window, so a whole number is left.
long callsPerRequest(const Trial& trial, Class of) {
    return std::lround(static_cast<double>(calls(trial, of)) / static_cast<double>(trial.requests));
}

/// What all trials of a cell counted together, so that a slow machine, too, answers enough for a mean to be told.
std::map<std::string, Trial> byCell(const std::vector<Trial>& trials) {
    std::map<std::string, Trial> cells;
    for (const Trial& trial : trials) {
        Trial& sum = cells[trial.cell];
        sum.requests += trial.requests;
        sum.crossings.add(trial.crossings);
        if (trial.backend_ns) sum.backend_ns = sum.backend_ns.value_or(0) + *trial.backend_ns;
        if (trial.database_ns) sum.database_ns = sum.database_ns.value_or(0) + *trial.database_ns;
    }
    return cells;
}

TEST(MeasureCounts, AnInjectedCallIsSeenAsExactlyOneMore) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("--quick E0 --only inject --blocks 2"), 0) << instrument.output();
    ASSERT_EQ(instrument.cells().size(), 4u);
    std::set<std::string> seen;
    for (const Trial& trial : instrument.trials()) {
        const std::string injected = trial.cell.substr(std::string("E0/inject/").size());
        EXPECT_EQ(calls(trial, Class::Spawn), std::stoul(injected) * trial.requests) << trial.cell;
        EXPECT_GT(trial.requests, 0u);
        seen.insert(trial.cell);
    }
    EXPECT_EQ(seen.size(), 4u);
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
}

TEST(MeasureCounts, WithoutTheLedgerNothingIsCounted) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("--quick E0 --only ledger --blocks 1"), 0) << instrument.output();
    for (const Trial& trial : instrument.trials()) {
        const bool is_on = trial.cell.find("/on/") != std::string::npos;
        EXPECT_EQ(trial.crossings.calls() > 0, is_on) << trial.cell;
        EXPECT_GT(trial.requests, 0u);
    }
}

TEST(MeasureCounts, AKeptHopCostsTwoCallsAndANewConnectionFiveOrSeven) {
    if (const std::string why = missing(kResponder); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    Instrument instrument;
    ASSERT_EQ(instrument.run("E5 --quick --blocks 2 --only in-process/none/none/1024/single "
                             "--only responder/unix/kept/1024/single --only responder/tcp/kept/1024/single "
                             "--only responder/unix/new/1024/single --only responder/tcp/new/1024/single"),
              0)
        << instrument.output();
    const std::map<std::string, long> expected = {{"E5/in-process/none/none/1024/single", 0},
                                                  {"E5/responder/unix/kept/1024/single", 2},
                                                  {"E5/responder/tcp/kept/1024/single", 2},
                                                  {"E5/responder/unix/new/1024/single", 5},
                                                  {"E5/responder/tcp/new/1024/single", 7}};
    const auto cells = byCell(instrument.trials());
    EXPECT_EQ(cells.size(), expected.size()) << instrument.output();
    for (const auto& [cell, trial] : cells) {
        EXPECT_EQ(callsPerRequest(trial, Class::Backend), expected.at(cell)) << cell;
        EXPECT_EQ(callsPerRequest(trial, Class::Client), 2) << cell;
        EXPECT_EQ(trial.backend_ns.has_value(), cell.find("responder") != cell.npos) << cell;
    }
}

TEST(MeasureCounts, SharedMemoryCostsOneCallAtMostAndPhpInTheWorkerNone) {
    if (const std::string why = missing(kEmbeddedPhp); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    Instrument instrument;
    ASSERT_EQ(instrument.run("E5 --quick --blocks 2 --only php-pool/memory/kept/1024/single "
                             "--only php-inline/none/none/1024/single"),
              0)
        << instrument.output();
    const std::map<std::string, long> most = {{"E5/php-pool/memory/kept/1024/single", 1},
                                              {"E5/php-inline/none/none/1024/single", 0}};
    const auto cells = byCell(instrument.trials());
    EXPECT_EQ(cells.size(), most.size()) << instrument.output();
    for (const auto& [cell, trial] : cells)
        EXPECT_LE(callsPerRequest(trial, Class::Backend), most.at(cell)) << cell;
}

void expectNoCallForAQuery(const std::string& database) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("E7 --quick --blocks 2 --only " + database + "/persistent/prepared"), 0)
        << instrument.output();
    const auto cells = byCell(instrument.trials());
    ASSERT_EQ(cells.size(), missing(kEmbeddedPhp).empty() ? 6u : 3u) << instrument.output();
    for (const auto& [cell, trial] : cells) {
        const bool is_embedded = cell.starts_with("E7/pool/");
        if (is_embedded)
            EXPECT_LE(callsPerRequest(trial, Class::Backend), 1) << cell;  // none where nobody slept
        else
            EXPECT_EQ(callsPerRequest(trial, Class::Backend), 2) << cell;
        EXPECT_EQ(callsPerRequest(trial, Class::Client), 2) << cell;
        EXPECT_EQ(trial.database_ns.value_or(0) > 0, database != "sqlite") << cell;
    }
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
}

TEST(MeasureCounts, AQueryToSqliteAddsNothingToTheEnginesCrossings) {
    if (const std::string why = missing(kPhpFpm | kSqlite); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    expectNoCallForAQuery("sqlite");
}

TEST(MeasureCounts, AQueryToMariaDbAddsNothingToTheEnginesCrossings) {
    if (const std::string why = missing(kPhpFpm | kMariaDb); !why.empty()) GTEST_SKIP() << "skipped: no " << why;
    expectNoCallForAQuery("mariadb-unix");
}

TEST(MeasureCounts, ACgiRequestAsksForAProcessAndHearsOfItsEnd) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("E4 --quick --blocks 2 --only c-static --only in-process"), 0) << instrument.output();
    for (const Trial& trial : instrument.trials()) {
        const bool is_cgi = trial.cell.find("c-static") != std::string::npos;
        ASSERT_GT(trial.requests, 0u);
        EXPECT_EQ(
            std::lround(static_cast<double>(calls(trial, Class::Spawn)) / static_cast<double>(trial.requests)),
            is_cgi ? 2 : 0)
            << trial.cell;
        EXPECT_EQ(trial.backend_ns.value_or(0) > 0, is_cgi) << trial.cell;
    }
}

/// One byte of a head after the other wakes the server each time, with the filter or without; alone, it is exact.
TEST(MeasureCounts, EachPieceOfASlowHeadIsARead) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("E3 --quick --blocks 1"), 0) << instrument.output();
    // A machine that stalls may join pieces.
    const std::map<std::string, double> least = {
        {"fast", 1}, {"abandoned", 1}, {"split", 1}, {"slow", 2}, {"garbage", 1}};
    const std::map<std::string, double> most = {
        {"fast", 1}, {"abandoned", 1}, {"split", 2}, {"slow", 28}, {"garbage", 3}};
    std::set<std::string> seen;
    for (const Trial& trial : instrument.trials()) {
        const std::string rest = trial.cell.substr(trial.cell.find('/', 3) + 1);
        const std::string client = rest.substr(0, rest.find('/'));
        seen.insert(client);
        ASSERT_GT(trial.extra.at("connections"), 0);
        EXPECT_EQ(trial.extra.at("connections"), static_cast<double>(trial.requests)) << trial.cell;
        const double each = trial.extra.at("client_reads") / trial.extra.at("connections");
        EXPECT_GE(each, least.at(client)) << trial.cell;
        EXPECT_LE(each, most.at(client)) << trial.cell;
    }
    EXPECT_THAT(seen, ElementsAre("abandoned", "fast", "garbage", "slow", "split"));
}

TEST(MeasureCounts, ABaselineWithTheSameCountsIsNoRegression) {
    Instrument instrument;
    ASSERT_EQ(instrument.run("E4 --quick --blocks 2 --only in-process --name before"), 0) << instrument.output();
    const int status = instrument.run("E4 --quick --blocks 2 --only in-process --baseline before");
    EXPECT_EQ(status, 0) << instrument.output();
    EXPECT_EQ(instrument.run("E4 --quick --baseline nothing"), 1);
    EXPECT_THAT(instrument.output(), HasSubstr("nothing"));
}

}  // namespace
}  // namespace turnpike::measure
