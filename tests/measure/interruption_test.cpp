// A run may be interrupted at any time: nothing that was measured is lost or measured twice, and nothing stays
// behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <tuple>

#include "measure/instrument.h"
#include "processes.h"

namespace turnpike::measure {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr unsigned kBlocks = 3;
const std::vector<std::string> kArguments = {"E4",         "--quick",  "--only", "c-static", "--only",
                                             "in-process", "--blocks", "3",      "--seed",   "7"};

/// What a run that is complete has: each cell in each block, and no place of a block twice.
void expectComplete(const Instrument& instrument) {
    std::map<std::pair<std::string, unsigned>, std::vector<Trial>> places;
    std::set<std::pair<unsigned, unsigned>> positions;
    for (const Trial& trial : instrument.trials()) {
        places[{trial.cell, trial.block}].push_back(trial);
        EXPECT_TRUE(positions.insert({trial.block, trial.position}).second)
            << trial.block << " " << trial.position;
    }
    EXPECT_EQ(places.size(), instrument.cells().size() * kBlocks);
    for (const auto& [place, trials] : places)  // only what was rejected is measured again
        for (size_t i = 0; i + 1 < trials.size(); ++i) EXPECT_FALSE(trials[i].rejected.empty()) << place.first;
}

TEST(MeasureInterruption, CtrlCNotesWhatIsDoneAndResumeGoesOn) {
    Instrument instrument;
    RunningProgram program = instrument.start(kArguments);
    ASSERT_TRUE(eventually([&] { return !instrument.trials().empty(); }, seconds(60))) << program.output();
    ASSERT_EQ(::kill(program.pid(), SIGINT), 0);
    ASSERT_EQ(program.waitForEnd(), 130) << program.output();
    EXPECT_THAT(program.output(), HasSubstr("--resume"));
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
    const std::vector<Trial> before = instrument.trials();

    ASSERT_EQ(instrument.run("--resume"), 0) << instrument.output();
    expectComplete(instrument);
    const std::vector<Trial> after = instrument.trials();
    ASSERT_GT(after.size(), before.size());
    for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].id, after[i].id);
    EXPECT_EQ(instrument.run("--resume"), 1);  // it is complete now
    EXPECT_THAT(instrument.output(), HasSubstr("has all its trials"));
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
}

TEST(MeasureInterruption, NothingOfOursRunsAfterAKill) {
    Instrument instrument;
    const bool has_database = missing(kPhpFpm | kMariaDb).empty();
    RunningProgram program = instrument.start(
        has_database ? std::vector<std::string>{"E7", "--quick", "--only", "mariadb-unix/persistent/prepared/5"}
                     : kArguments);
    ASSERT_TRUE(eventually([&] { return !instrument.trials().empty(); }, seconds(60))) << program.output();
    const std::set<pid_t> family = e2e::descendants(program.pid());
    EXPECT_GE(family.size(), has_database ? 5u : 3u);  // master, spawner, worker; mariadbd, php-fpm
    ASSERT_EQ(::kill(program.pid(), SIGKILL), 0);
    for (const pid_t pid : family)
        EXPECT_TRUE(eventually([&] { return !e2e::isAlive(pid); }, seconds(30))) << pid << " still runs";
}

}  // namespace
}  // namespace turnpike::measure
