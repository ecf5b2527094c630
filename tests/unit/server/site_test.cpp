#include "server/site.h"

#include <gtest/gtest.h>

namespace turnpike::server {
namespace {

config::Snapshot snapshotOf(std::vector<std::vector<std::string>> hosts) {
    config::Snapshot snapshot;
    for (size_t i = 0; i < hosts.size(); ++i) {
        config::Site site;
        site.name = "site" + std::to_string(i);
        site.hosts = hosts[i];
        snapshot.sites.push_back(site);
    }
    return snapshot;
}

std::string found(const SiteTable& table, std::string_view host) {
    const Site* site = table.find(host);
    return site != nullptr ? site->config->name : "none";
}

config::Route routeOf(config::Match match) {
    config::Route route;
    route.match = std::move(match);
    return route;
}

}  // namespace

TEST(SiteTable, PrefersExactThenTheLongestWildcardThenTheDefault) {
    auto snapshot = snapshotOf({{"example.org"}, {"*.example.org"}, {"*.deep.example.org"}, {"*"}});
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(found(table, "example.org"), "site0");
    EXPECT_EQ(found(table, "a.example.org"), "site1");
    EXPECT_EQ(found(table, "b.a.example.org"), "site1");
    EXPECT_EQ(found(table, "x.deep.example.org"), "site2");
    EXPECT_EQ(found(table, "other.org"), "site3");
    EXPECT_EQ(found(table, ""), "site3");
}

TEST(SiteTable, KnowsNoSiteWithoutADefault) {
    auto snapshot = snapshotOf({{"example.org"}});
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    EXPECT_EQ(found(table, "evilexample.org"), "none");
}

TEST(SiteTable, SaysWhichRootItCannotOpen) {
    auto snapshot = snapshotOf({{"*"}});
    snapshot.sites[0].root = "/does/not/exist";
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].message, "cannot open root /does/not/exist: No such file or directory");
}

TEST(Route, MatchesWhatAllItsPartsMatch) {
    config::Snapshot snapshot = snapshotOf({{"*"}});
    auto& routes = snapshot.sites[0].routes;
    routes = {routeOf({"/exact", "", "", ""}), routeOf({"", "/cgi/", ".pl", ""}), routeOf({"", "", ".php", ""}),
              routeOf({"", "", "", "^/u/[0-9]+$"})};
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    const auto& built = table.all()[0]->routes;
    EXPECT_TRUE(built[0].matches("/exact"));
    EXPECT_FALSE(built[0].matches("/exact/"));
    EXPECT_TRUE(built[1].matches("/cgi/a.pl"));
    EXPECT_FALSE(built[1].matches("/a.pl"));
    EXPECT_TRUE(built[2].matches("/index.php/path/info"));
    EXPECT_FALSE(built[2].matches("/index.phpx"));
    EXPECT_TRUE(built[3].matches("/u/42"));
    EXPECT_FALSE(built[3].matches("/u/x"));
}

TEST(Route, SaysWhereAPatternIsWrong) {
    config::Snapshot snapshot = snapshotOf({{"*"}});
    snapshot.sites[0].routes = {routeOf({"", "", "", "^/(unclosed"})};
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_NE(problems[0].message.find("missing closing parenthesis"), std::string::npos) << problems[0].message;
}

TEST(Route, BoundsAHostilePattern) {
    config::Snapshot snapshot = snapshotOf({{"*"}});
    snapshot.sites[0].routes = {routeOf({"", "", "", "^(a+)+$"})};
    std::vector<config::Problem> problems;
    SiteTable table(snapshot, problems);
    EXPECT_FALSE(table.all()[0]->routes[0].matches(std::string(64, 'a') + "b")) << "and it comes back at all";
}

}  // namespace turnpike::server
