#include "measure/store/schema.h"

#include <Poco/Data/SQLite/Connector.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/store/sql.h"
#include "measure/store/store.h"
#include "samples.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {
using ::testing::HasSubstr;

class SchemaTest : public ::testing::Test {
 protected:
    static void SetUpTestSuite() { Poco::Data::SQLite::Connector::registerConnector(); }
    Poco::Data::Session session() { return {"SQLite", file}; }
    Result<bool> bring(const std::vector<Migration>& steps) {
        Poco::Data::Session opened = session();
        return sql::guarded(file, [&] { return bringUpToDate(opened, file, steps); });
    }
    int64_t number(const std::string& text) {
        Poco::Data::Session opened = session();
        return sql::number(opened, text);
    }

    TempFolder folder;
    const std::string file = folder.path() + "/runs.db";
    // As a later release might have it: a table, then more in it, then a value computed from old ones.
    const Migration made = {"CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (20)"};
    const Migration widened = {"ALTER TABLE t ADD COLUMN b INTEGER"};
    const Migration filled = {"UPDATE t SET b = a + 1"};
};

TEST_F(SchemaTest, ComesUpToDateFromEveryOlderVersion) {
    const std::vector<Migration> all = {made, widened, filled};
    for (size_t from = 0; from <= all.size(); ++from) {
        std::filesystem::remove(file);
        ASSERT_TRUE(bring({all.begin(), all.begin() + static_cast<ptrdiff_t>(from)}));
        ASSERT_TRUE(bring(all));
        EXPECT_EQ(number("SELECT b FROM t"), 21) << "from version " << from;
        EXPECT_EQ(number("SELECT count(*) FROM t"), 1) << "nothing is applied twice";
        EXPECT_EQ(number("PRAGMA user_version"), 3);
        EXPECT_EQ(number("PRAGMA application_id"), kApplicationId);
    }
}

TEST_F(SchemaTest, StaysAtTheOldVersionWhenAStepFails) {
    ASSERT_TRUE(bring({made}));
    auto failed = bring({made, widened, {"UPDATE t SET a = 99", "UPDATE nothing SET a = 1"}});
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().text, HasSubstr("nothing"));
    EXPECT_EQ(number("PRAGMA user_version"), 1);
    EXPECT_EQ(number("SELECT a FROM t"), 20);
    EXPECT_EQ(number("SELECT count(*) FROM pragma_table_info('t')"), 1) << "the column is gone again";
    ASSERT_TRUE(bring({made, widened, filled})) << "and a right step is taken";
}

TEST_F(SchemaTest, LeavesALaterVersionAlone) {
    ASSERT_TRUE(bring({made, widened}));
    auto refused = bring({made});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr("later Turnpike (schema 2, this one knows 1)"));
    EXPECT_EQ(number("PRAGMA user_version"), 2);
}

// The first version, as it was released; data of then must be there after every later migration.
TEST_F(SchemaTest, KeepsTheRunsOfTheFirstVersion) {
    ASSERT_TRUE(bring({migrations().front()}));
    {
        Poco::Data::Session opened = session();
        sql::run(opened, "INSERT INTO run VALUES (7, 'old', 'turnpike measure', '0.1.0', 5, 10, 1000, 2000)");
        sql::run(opened, "INSERT INTO cell VALUES (1, 7, 0, 'E0/aa/1/single', 'E0', 'aa', 'single')");
    }
    auto store = Store::open(file);
    ASSERT_TRUE(store) << store.error().text;
    EXPECT_EQ(store->find("old")->seed, 5u);
    EXPECT_EQ(store->cells(7)->front().key, "E0/aa/1/single");
}

TEST_F(SchemaTest, HoldsARowATrialForPeople) {
    auto store = Store::open(file);
    ASSERT_TRUE(store);
    auto id = store->begin(sampleRun(), sampleCells());
    for (uint64_t trial = 0; trial < 4; ++trial) ASSERT_TRUE(store->add(*id, sampleTrial(trial)));
    EXPECT_EQ(number("SELECT count(*) FROM result WHERE NOT rejected"), 2);
    EXPECT_EQ(number("SELECT p50_us BETWEEN 20 AND 30 FROM result LIMIT 1"), 1);
    EXPECT_EQ(number("SELECT cpu_us FROM result LIMIT 1"), 350) << "engine and backend, per request";
    EXPECT_EQ(number("SELECT calls FROM result LIMIT 1"), 21);
}

}  // namespace
}  // namespace turnpike::measure
