// What the store says when it cannot do its work.
#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "faults/disk.h"
#include "measure/store/schema.h"
#include "measure/store/sql.h"
#include "measure/store/store.h"
#include "samples.h"
#include "support/temp_folder.h"
#include "writers.h"

namespace turnpike::measure {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string contentOf(const std::string& file) {
    std::stringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

class StoreFaults : public ::testing::Test {
 protected:
    std::string refusal() {
        auto store = Store::open(file);
        return store ? "opened" : store.error().text;
    }
    /// A store with a run of four trials; its id.
    int64_t fill() {
        auto store = Store::open(file);
        if (!store) throw std::runtime_error(store.error().text);
        auto run = store->begin(sampleRun(), sampleCells());
        for (uint64_t trial = 0; trial < 4; ++trial) EXPECT_TRUE(store->add(*run, sampleTrial(trial)));
        return *run;
    }
    Poco::Data::Session session() { return {"SQLite", file}; }

    TempFolder folder;
    std::string file = folder.path() + "/runs.db";
};

TEST_F(StoreFaults, SayWhichFolderCannotBeMade) {
    folder.write("plain", "a file");
    file = folder.path() + "/plain/below/runs.db";
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("cannot make the folder " + folder.path() + "/plain/below: Not a directory"),
                      HasSubstr("--store")));
}

TEST_F(StoreFaults, SayThatAFolderIsNoFile) {
    ::mkdir(file.c_str(), 0755);
    EXPECT_THAT(refusal(), StartsWith(file + " cannot be opened"));
}

TEST_F(StoreFaults, SayThatAFileMayNotBeWritten) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
    fill();
    ::chmod(file.c_str(), 0400);
    ::chmod(folder.path().c_str(), 0500);
    auto store = Store::open(file);
    std::string said = store ? store->add(1, sampleTrial(9)).error().text : store.error().text;
    EXPECT_THAT(said, AllOf(HasSubstr("cannot be"), HasSubstr("--store")));
    ::chmod(folder.path().c_str(), 0700);
}

TEST_F(StoreFaults, LeaveTheDatabaseOfAnotherProgramAsItIs) {
    sql::run(*std::make_unique<Poco::Data::Session>("SQLite", file), "CREATE TABLE other (a INTEGER)");
    const std::string before = contentOf(file);
    EXPECT_THAT(refusal(), StartsWith(file + " is a database, but not a store of Turnpike"));
    EXPECT_EQ(contentOf(file), before);
}

TEST_F(StoreFaults, LeaveAFileThatIsNoDatabaseAsItIs) {
    const std::string text(5000, 'x');
    folder.write("runs.db", text);
    EXPECT_THAT(refusal(), StartsWith(file + " is damaged or no store of Turnpike"));
    EXPECT_EQ(contentOf(file), text);
}

TEST_F(StoreFaults, LeaveALaterVersionAsItIs) {
    fill();
    sql::run(*std::make_unique<Poco::Data::Session>("SQLite", file), "PRAGMA user_version = 99");
    const std::string before = contentOf(file);
    EXPECT_THAT(refusal(), AllOf(StartsWith(file + " was written by a later Turnpike"), HasSubstr("schema 99")));
    EXPECT_EQ(contentOf(file), before);
}

TEST_F(StoreFaults, SayThatAnotherProcessHoldsTheFile) {
    int64_t run = fill();
    auto store = Store::open(file);
    ASSERT_TRUE(store);
    Poco::Data::Session other = session();
    sql::Transaction holds(other, sql::Transaction::For::Writing);
    auto added = store->add(run, sampleTrial(4));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, EBUSY);
    EXPECT_THAT(added.error().text, StartsWith(file + " is in use by another process"));
    holds.commit();
    EXPECT_TRUE(store->add(run, sampleTrial(4))) << "and go on when it lets go";
    EXPECT_EQ(store->trials(run)->size(), 5u);
}

TEST_F(StoreFaults, SayThatAPageIsDamaged) {
    fill();
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 1; page < 20; ++page) damaged.seekp(page * 4096) << std::string(64, '\xEE');
    damaged.close();
    std::string said = refusal();
    if (said == "opened") {
        auto trials = Store::open(file)->trials(1);
        said = trials ? "read" : trials.error().text;
    }
    EXPECT_THAT(said, StartsWith(file + " is damaged"));
}

TEST_F(StoreFaults, SayThatAHistogramIsDamaged) {
    int64_t run = fill();
    sql::run(*std::make_unique<Poco::Data::Session>("SQLite", file),
             "UPDATE trial SET latency = substr(latency, 1, length(latency) - 9) WHERE id = 2");
    auto trials = Store::open(file)->trials(run);
    ASSERT_FALSE(trials);
    EXPECT_EQ(trials.error().text,
              "trial 2 in " + file +
                  ": not a histogram: its checksum is wrong: the file is damaged; restore it, "
                  "or delete the run and measure anew");
}

TEST_F(StoreFaults, OfAFileThatMayNotGrowLoseNothingThatWasTaken) {
    int64_t run = fill();
    Writer writer({file, std::to_string(run), "100", "1000", "400000"});
    std::vector<std::string> said = writer.rest();
    EXPECT_THAT(said.back(), AllOf(StartsWith("failed: " + file), HasSubstr("space")));
    auto store = Store::open(file);
    ASSERT_TRUE(store) << store.error().text;
    auto trials = store->trials(run);
    ASSERT_TRUE(trials) << trials.error().text;
    EXPECT_EQ(trials->size(), 4 + said.size() - 2) << "all that it had said, but \"open\" and \"failed\"";
    EXPECT_TRUE(store->add(run, sampleTrial(5)));
}

TEST_F(StoreFaults, OfAFullDiskGoOnWhenThereIsRoom) {
    e2e::SmallDisk disk(folder.path() + "/disk", "1m");
    if (!disk.isThere()) GTEST_SKIP() << "only root can mount a small disk";
    file = disk.path() + "/runs.db";
    int64_t run = fill();
    auto store = Store::open(file);
    ASSERT_TRUE(store) << store.error().text;
    disk.fill();
    uint64_t taken = 4;
    Result<bool> added = true;
    while ((added = store->add(run, sampleTrial(taken)))) ++taken;
    EXPECT_EQ(added.error().text,
              "the disk that holds " + file + " is full: make room there, or move the store with --store");
    EXPECT_EQ(store->trials(run)->size(), taken);
    disk.makeRoom();
    ASSERT_TRUE(store->add(run, sampleTrial(taken)));
    EXPECT_EQ(Store::open(file)->trials(run)->size(), taken + 1);
}

}  // namespace
}  // namespace turnpike::measure
