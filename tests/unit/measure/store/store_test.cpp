#include "measure/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "samples.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
    Store open() {
        auto store = Store::open(file);
        if (!store) throw std::runtime_error(store.error().text);
        return std::move(*store);
    }
    int64_t begin(Store& store, const std::string& name) {
        auto id = store.begin(sampleRun(name), sampleCells());
        return id ? *id : -1;
    }
    std::string foundName(const Store& store, const std::string& which) {
        auto run = store.find(which);
        return run ? run->name : "none: " + run.error().text;
    }

    TempFolder folder;
    const std::string file = folder.path() + "/a/b/runs.db";
};

void expectSameRun(const Run& got, const Run& wanted) {
    EXPECT_EQ(got.name, wanted.name);
    EXPECT_EQ(got.command, wanted.command);
    EXPECT_EQ(got.version, wanted.version);
    EXPECT_EQ(got.seed, wanted.seed);
    EXPECT_EQ(got.blocks, wanted.blocks);
    EXPECT_EQ(got.started_unix_ms, wanted.started_unix_ms);
    EXPECT_EQ(got.ended_unix_ms, wanted.ended_unix_ms);
    ASSERT_EQ(got.fingerprint.size(), wanted.fingerprint.size());
    for (size_t i = 0; i < got.fingerprint.size(); ++i) {
        EXPECT_EQ(got.fingerprint[i].name, wanted.fingerprint[i].name);
        EXPECT_EQ(got.fingerprint[i].value, wanted.fingerprint[i].value);
    }
    ASSERT_EQ(got.constants.size(), wanted.constants.size());
    for (size_t i = 0; i < got.constants.size(); ++i) {
        const Constant &a = got.constants[i], &b = wanted.constants[i];
        EXPECT_EQ(a.name + a.unit, b.name + b.unit);
        EXPECT_THAT((std::vector{a.median, a.low, a.high, a.least}),
                    ElementsAre(b.median, b.low, b.high, b.least));
        EXPECT_EQ(a.batches, b.batches);
    }
}

void expectSameTrial(const Trial& got, const Trial& wanted) {
    EXPECT_EQ(got.cell, wanted.cell);
    EXPECT_EQ(got.block, wanted.block);
    EXPECT_EQ(got.position, wanted.position);
    EXPECT_EQ(got.started_unix_ms, wanted.started_unix_ms);
    EXPECT_EQ(got.requests, wanted.requests);
    EXPECT_EQ(got.elapsed_ns, wanted.elapsed_ns);
    EXPECT_EQ(got.latency_ns.count(), wanted.latency_ns.count());
    EXPECT_EQ(got.latency_ns.mean(), wanted.latency_ns.mean());
    EXPECT_EQ(got.latency_ns.percentile(99), wanted.latency_ns.percentile(99));
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        EXPECT_EQ(got.crossings.of[i].calls, wanted.crossings.of[i].calls);
        EXPECT_EQ(got.crossings.of[i].errors, wanted.crossings.of[i].errors);
        EXPECT_EQ(got.crossings.of[i].bytes, wanted.crossings.of[i].bytes);
    }
    EXPECT_EQ(got.crossings.event_milli, wanted.crossings.event_milli);
    EXPECT_EQ(got.engine_ns, wanted.engine_ns);
    EXPECT_EQ(got.generator_ns, wanted.generator_ns);
    EXPECT_EQ(got.backend_ns, wanted.backend_ns);
    EXPECT_EQ(got.database_ns, wanted.database_ns);
    EXPECT_EQ(got.received, wanted.received);
    EXPECT_EQ(got.steal_share, wanted.steal_share);
    EXPECT_EQ(got.foreign_share, wanted.foreign_share);
    EXPECT_EQ(got.extra, wanted.extra);
    EXPECT_EQ(got.rejected, wanted.rejected);
}

TEST_F(StoreTest, GivesBackARunWithItsCells) {
    int64_t id = begin(*std::make_unique<Store>(open()), "sample");
    Store store = open();
    auto run = store.find(std::to_string(id));
    ASSERT_TRUE(run) << run.error().text;
    EXPECT_EQ(run->id, id);
    expectSameRun(*run, sampleRun());
    auto cells = store.cells(id);
    ASSERT_TRUE(cells);
    ASSERT_EQ(cells->size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
        const Cell &got = (*cells)[i], wanted = sampleCells()[i];
        EXPECT_EQ(got.key, wanted.key);
        EXPECT_EQ(got.experiment, wanted.experiment);
        EXPECT_EQ(got.config, wanted.config);
        EXPECT_EQ(got.factors, wanted.factors);
        EXPECT_EQ(got.load, wanted.load);
    }
}

TEST_F(StoreTest, GivesBackTrialsInTheOrderOfMeasuring) {
    Store store = open();
    int64_t other = begin(store, "other"), id = begin(store, "sample");
    for (uint64_t number : {3, 0, 1, 2}) {
        ASSERT_TRUE(store.add(id, sampleTrial(number)));
        ASSERT_TRUE(store.add(other, sampleTrial(number + 10)));
    }
    Store reopened = open();
    auto trials = reopened.trials(id);
    ASSERT_TRUE(trials) << trials.error().text;
    ASSERT_EQ(trials->size(), 4u);
    for (size_t i = 0; i < 4; ++i) expectSameTrial((*trials)[i], sampleTrial(std::array{3, 0, 1, 2}[i]));
    EXPECT_LT(trials->front().id, trials->back().id);
}

TEST_F(StoreTest, CountsCellsTrialsAndRejections) {
    Store store = open();
    int64_t id = begin(store, "sample");
    for (uint64_t number = 0; number < 5; ++number) ASSERT_TRUE(store.add(id, sampleTrial(number)));
    auto tally = store.tally(id);
    ASSERT_TRUE(tally) << tally.error().text;
    EXPECT_EQ(tally->cells, 2u);
    EXPECT_EQ(tally->trials, 5u);
    EXPECT_EQ(tally->rejected, 2u) << "each once, though each has two reasons";
}

TEST_F(StoreTest, RefusesTrialsOfUnknownRunsAndCells) {
    Store store = open();
    int64_t id = begin(store, "sample");
    Trial trial = sampleTrial(0);
    auto added = store.add(id + 1, trial);
    ASSERT_FALSE(added);
    EXPECT_THAT(added.error().text, HasSubstr("run 2 in " + file + " has no cell"));
    trial.cell = "E9/none";
    added = store.add(id, trial);
    ASSERT_FALSE(added);
    EXPECT_THAT(added.error().text, HasSubstr("has no cell \"E9/none\""));
    EXPECT_TRUE(store.trials(id)->empty());
}

TEST_F(StoreTest, NotesWhenARunEnded) {
    Store store = open();
    int64_t id = begin(store, "sample");
    ASSERT_TRUE(store.finish(id, 1'700'000'099'000));
    EXPECT_EQ(store.find("last")->ended_unix_ms, 1'700'000'099'000);
    auto missing = store.finish(id + 1, 1);
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().text, HasSubstr("there is no run 2"));
}

TEST_F(StoreTest, FindsRunsByIdNameAndAge) {
    Store store = open();
    EXPECT_THAT(foundName(store, "last"), HasSubstr("there is no run in " + file + " yet"));
    for (const char* name : {"first", "1", "twice", "twice"}) begin(store, name);
    EXPECT_EQ(foundName(store, "last"), "twice");
    EXPECT_EQ(store.find("twice")->id, 4) << "the newest of that name";
    EXPECT_EQ(foundName(store, "last~0"), "twice");
    EXPECT_EQ(foundName(store, "last~3"), "first");
    EXPECT_EQ(foundName(store, "1"), "first") << "an id goes before a name";
    EXPECT_EQ(foundName(store, "2"), "1");
    for (const char* which : {"last~4", "last~", "last~x", "5", "", "First"})
        EXPECT_THAT(foundName(store, which), HasSubstr("there are 4 (twice), 3 (twice), 2 (1), 1 (first)"))
            << which;
}

TEST_F(StoreTest, NamesTheNewestRunsWhenThereAreMany) {
    Store store = open();
    for (int i = 0; i < 12; ++i) begin(store, "");
    EXPECT_THAT(foundName(store, "x"), HasSubstr("there are 12, 11, 10, 9, 8, 7, 6, 5, 4, 3 and older ones"));
}

TEST_F(StoreTest, ListsRunsNewestFirst) {
    Store store = open();
    EXPECT_TRUE(store.runs()->empty());
    begin(store, "old");
    begin(store, "new");
    auto runs = store.runs();
    ASSERT_EQ(runs->size(), 2u);
    EXPECT_EQ(runs->front().name, "new");
    EXPECT_EQ(runs->back().constants.size(), 2u);
}

TEST_F(StoreTest, RemovesARunWithAllThatBelongsToIt) {
    Store store = open();
    int64_t gone = begin(store, "gone"), kept = begin(store, "kept");
    for (uint64_t number = 0; number < 4; ++number) {
        ASSERT_TRUE(store.add(gone, sampleTrial(number)));
        ASSERT_TRUE(store.add(kept, sampleTrial(number)));
    }
    ASSERT_TRUE(store.remove(gone));
    EXPECT_EQ(store.runs()->size(), 1u);
    EXPECT_TRUE(store.cells(gone)->empty());
    EXPECT_TRUE(store.trials(gone)->empty());
    EXPECT_EQ(store.trials(kept)->size(), 4u);
    EXPECT_FALSE(store.remove(gone));
    EXPECT_GT(begin(store, "next"), kept);
    ASSERT_TRUE(store.remove(kept + 1));
    EXPECT_EQ(begin(store, "one more"), kept + 2) << "no id is given twice";
}

TEST_F(StoreTest, MakesItsFoldersForTheirOwnerOnly) {
    open();
    struct stat st {};
    ASSERT_EQ(::stat((folder.path() + "/a/b").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 07777, 0700u);
}

TEST_F(StoreTest, TakesARelativeNameThatLooksLikeAnAddress) {
    std::filesystem::current_path(folder.path());
    ASSERT_TRUE(Store::open("file:runs.db?mode=ro"));
    EXPECT_TRUE(std::filesystem::exists(folder.path() + "/file:runs.db?mode=ro"));
    std::filesystem::current_path("/");
}

TEST_F(StoreTest, HasItsFileWhereStateBelongs) {
    ::setenv("XDG_STATE_HOME", "/x/state", 1);
    EXPECT_EQ(Store::defaultFile(), "/x/state/turnpike/runs.db");
    ::setenv("XDG_STATE_HOME", "relative", 1);
    ::setenv("HOME", "/home/me", 1);
    EXPECT_EQ(Store::defaultFile(),
              ::geteuid() == 0 ? "/var/lib/turnpike/runs.db" : "/home/me/.local/state/turnpike/runs.db");
}

}  // namespace
}  // namespace turnpike::measure
