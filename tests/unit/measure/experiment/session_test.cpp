#include "measure/experiment/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Installed everything() {
    Installed installed;
    for (std::string* program : {&installed.responder, &installed.php_fpm, &installed.php_cgi, &installed.mariadbd,
                                 &installed.mariadb_install})
        *program = "/there";
    installed.has_pdo_sqlite = installed.has_pdo_mysql = installed.has_embedded_php = true;
    return installed;
}

Order order(std::vector<std::string> names, std::vector<std::string> only = {}) {
    Order order;
    order.experiments = std::move(names);
    order.only = std::move(only);
    order.command = "turnpike measure";
    return order;
}

size_t count(const Session& session, const std::string& part) {
    return static_cast<size_t>(std::count_if(session.plans.begin(), session.plans.end(), [&](const Plan& plan) {
        return plan.cell.key.find(part) != std::string::npos;
    }));
}

TEST(NewSession, HasAllCellsWhenAllIsInstalled) {
    auto session = newSession(order({}), everything());
    ASSERT_TRUE(session);
    EXPECT_EQ(session->plans.size(), plansOf(Extent::Quick).size());
    EXPECT_THAT(session->left_out, IsEmpty());
    EXPECT_NE(session->run.seed, 0u);
}

TEST(NewSession, LeavesOutWhatIsNotInstalledAndSaysWhy) {
    Installed installed = everything();
    installed.mariadbd.clear();
    auto session = newSession(order({"E7"}), installed);
    ASSERT_TRUE(session);
    EXPECT_EQ(count(*session, "mariadb"), 0u);
    EXPECT_GT(count(*session, "sqlite"), 0u);
    EXPECT_THAT(session->left_out,
                ElementsAre("E7: left out 13 of the cells need mariadbd (package mariadb-server)"));
}

TEST(NewSession, FailsWhenNothingIsLeft) {
    Installed installed = everything();
    installed.php_fpm.clear();
    auto session = newSession(order({"E9"}), installed);
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().text, HasSubstr("php-fpm (package php-fpm)"));
}

TEST(NewSession, TakesOnlyTheCellsThatAreAskedFor) {
    auto session = newSession(order({"E5"}, {"in-process", "responder/tcp"}), everything());
    ASSERT_TRUE(session);
    EXPECT_EQ(count(*session, "in-process") + count(*session, "responder/tcp"), session->plans.size());
    EXPECT_GT(session->plans.size(), 2u);
}

TEST(NewSession, KnowsNoOtherExperiments) {
    auto session = newSession(order({"E2"}), everything());
    ASSERT_FALSE(session);
    EXPECT_THAT(session.error().text, HasSubstr("\"E2\""));
}

TEST(OldSession, HasTheCellsTheSeedAndTheTrialsOfTheRun) {
    const TempFolder folder;
    auto store = Store::open(folder.path() + "/runs.db");
    ASSERT_TRUE(store) << store.error().text;
    Order asked = order({"E4"});
    asked.blocks = 3;
    auto session = newSession(asked, everything());
    ASSERT_TRUE(session);
    std::vector<Cell> cells;
    for (const Plan& plan : session->plans) cells.push_back(plan.cell);
    auto id = store->begin(session->run, cells);
    ASSERT_TRUE(id) << id.error().text;
    Trial trial;
    trial.cell = cells[1].key;
    trial.block = 2;
    ASSERT_TRUE(store->add(*id, trial));

    auto old = oldSession(*store, "last", everything());
    ASSERT_TRUE(old) << old.error().text;
    EXPECT_EQ(old->run.id, *id);
    EXPECT_EQ(old->run.seed, session->run.seed);
    EXPECT_EQ(old->pace.blocks, 3u);
    EXPECT_EQ(old->pace.window_ms, paceOf(Extent::Quick).window_ms);
    ASSERT_EQ(old->plans.size(), session->plans.size());
    for (size_t i = 0; i < old->plans.size(); ++i) EXPECT_EQ(old->plans[i].paths, session->plans[i].paths);
    ASSERT_EQ(old->before.size(), 1u);
    EXPECT_EQ(old->before.front().cell, cells[1].key);

    Installed installed = everything();
    installed.php_cgi.clear();
    auto without = oldSession(*store, "last", installed);
    ASSERT_FALSE(without);
    EXPECT_THAT(without.error().text, HasSubstr("cannot go on without php-cgi"));

    ASSERT_TRUE(store->finish(*id, 1));
    EXPECT_FALSE(oldSession(*store, "last", everything()));
}

}  // namespace
}  // namespace turnpike::measure
