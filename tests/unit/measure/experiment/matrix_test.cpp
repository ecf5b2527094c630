#include "measure/experiment/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "measure/bed/configuration.h"

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Plan* find(const std::vector<Plan>& plans, const std::string& key) {
    auto found = std::find_if(plans.begin(), plans.end(), [&](const Plan& plan) { return plan.cell.key == key; });
    return found == plans.end() ? nullptr : &*found;
}

TEST(Matrix, EveryCellHasAKeyOfItsOwnAndAServer) {
    std::set<std::string> keys;
    for (const Plan& plan : plansOf(Extent::Full)) {
        EXPECT_TRUE(keys.insert(plan.cell.key).second) << plan.cell.key;
        const Configuration* server = findConfiguration(plan.cell.config);
        ASSERT_NE(server, nullptr) << plan.cell.key;
        EXPECT_EQ(plan.needs, server->needs) << plan.cell.key;
        EXPECT_TRUE(server->name.starts_with(plan.cell.experiment + "-")) << plan.cell.key;
        EXPECT_FALSE(plan.paths.empty()) << plan.cell.key;
        EXPECT_LE(plan.shortest_body, plan.longest_body) << plan.cell.key;
    }
}

TEST(Matrix, QuickCellsAreSomeOfTheFullOnes) {
    const auto quick = plansOf(Extent::Quick), full = plansOf(Extent::Full);
    EXPECT_LT(quick.size(), full.size());
    for (const Plan& plan : quick) {
        const Plan* same = find(full, plan.cell.key);
        ASSERT_NE(same, nullptr) << plan.cell.key;
        EXPECT_EQ(same->paths, plan.paths);
        EXPECT_EQ(same->cell.factors, plan.cell.factors);
    }
}

TEST(Matrix, EveryExperimentHasCellsAndEveryServerIsUsed) {
    std::set<std::string> servers;
    for (const Experiment& one : experiments()) {
        EXPECT_FALSE(plansOf(Extent::Quick, {one.name}).empty()) << one.name;
        for (const Plan& plan : plansOf(Extent::Full, {one.name})) {
            EXPECT_EQ(plan.cell.experiment, one.name);
            servers.insert(plan.cell.config);
        }
    }
    for (const Configuration& server : configurations()) EXPECT_TRUE(servers.contains(server.name)) << server.name;
}

/// Effects compare cells that differ in one factor: quick cells must have such pairs, and lines three points.
TEST(Matrix, QuickCellsHavePairsForEachFactorThatIsCompared) {
    const auto quick = plansOf(Extent::Quick);
    for (const char* key :
         {"E1/4096/sendfile/kept/single", "E1/4096/sendfile/close/single", "E1/65536/sendfile/kept/single",
          "E5/responder/unix/kept/1024/single", "E5/responder/tcp/kept/1024/single",
          "E5/responder/unix/new/1024/single", "E5/php-fpm/unix/kept/1024/single",
          "E5/in-process/none/none/1024/single", "E7/sqlite/persistent/prepared/0/single",
          "E7/mariadb-unix/persistent/prepared/5/single", "E7/mariadb-unix/persistent/prepared/20/single",
          "E7/mariadb-tcp/per-request/prepared/5/single", "E7/mariadb-tcp/persistent/text/5/single",
          "E9/100/php-db/single", "E0/aa/1/saturation", "E0/ledger/off/saturation", "E0/inject/1000/single",
          "E3/defer_accept/garbage/single", "E4/php-cgi/single"})
        EXPECT_NE(find(quick, key), nullptr) << key;
}

TEST(Matrix, MixesKeepTheirShareExactly) {
    for (const Plan& plan : plansOf(Extent::Full, {"E9"})) {
        const auto dynamic = static_cast<size_t>(std::stoul(plan.cell.factors.at("dynamic")));
        const auto pages =
            static_cast<size_t>(std::count_if(plan.paths.begin(), plan.paths.end(),
                                              [](const auto& path) { return path.find(".php") != path.npos; }));
        EXPECT_EQ(pages * 100, dynamic * plan.paths.size()) << plan.cell.key;
    }
}

TEST(Matrix, OneCellAtEachFactorDiffersInTheLoadAlone) {
    for (const Plan& plan : plansOf(Extent::Full)) {
        const bool is_single = plan.cell.load == LoadKind::Single;
        EXPECT_TRUE(plan.cell.key.ends_with(is_single ? "/single" : "/saturation")) << plan.cell.key;
    }
}

TEST(Configuration, HasNoPlaceLeftOpen) {
    const Place place{"/tmp/folder", 8001, 8002, 8003, "secret", "/usr/bin/php-cgi"};
    std::map<std::string, std::string> texts;
    for (const Configuration& server : configurations()) {
        const std::string text = server.text(place);
        EXPECT_FALSE(std::regex_search(text, std::regex("\\{[A-Z_]+\\}"))) << text;
        EXPECT_THAT(text, HasSubstr("workers = 1\n"));
        EXPECT_THAT(text, HasSubstr("\"127.0.0.1:8001\""));
        texts[server.name] = text;
    }
    EXPECT_THAT(texts["E5-responder-tcp-new"], HasSubstr("listen = \"127.0.0.1:8002\"\nkeep = false\n"));
    EXPECT_THAT(texts["E5-responder-unix-kept"], Not(HasSubstr("keep = false")));
    EXPECT_THAT(texts["E7-mariadb"], HasSubstr("/tmp/folder/database/socket"));
    EXPECT_THAT(texts["E0-inject-200"], HasSubstr("inject_null_calls = 200\n"));
    EXPECT_THAT(texts["E3-defer_accept"], HasSubstr("defer_accept = "));
}

}  // namespace
}  // namespace turnpike::measure
