#include "measure/site/choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;

config::Site site(const std::string& name, std::vector<std::string> hosts) {
    config::Site site;
    site.name = name;
    site.hosts = std::move(hosts);
    return site;
}

config::Snapshot twoSites() {
    config::Snapshot snapshot;
    snapshot.sites = {site("shop", {"example.org", "*.example.org"}), site("rest", {"*", "other.net"})};
    return snapshot;
}

struct Case {
    const char *what, *page;
    const char *site, *host, *target;
};

TEST(Choice, FindsTheSiteAndThePageThatAreMeant) {
    const Case cases[] = {
        {"http://example.org/a?b=1", "", "shop", "example.org", "/a?b=1"},
        {"http://Example.ORG:8080/a", "", "shop", "Example.ORG:8080", "/a"},
        {"https://www.example.org/a", "", "shop", "www.example.org", "/a"},
        {"example.org:8080", "", "shop", "example.org:8080", "/"},
        {"example.org/a", "/b", "shop", "example.org", "/b"},
        {"http://nobody.knows/a", "", "rest", "nobody.knows", "/a"},
        {"example.org", "", "shop", "example.org", "/"},
        {"deep.example.org", "/a", "shop", "deep.example.org", "/a"},
        {"shop", "/a", "shop", "example.org", "/a"},
        {"rest", "", "rest", "other.net", "/"},
        {"other.net", "", "rest", "other.net", "/"},
        {"/a?b", "", "rest", "other.net", "/a?b"},
    };
    const config::Snapshot snapshot = twoSites();
    for (const Case& one : cases) {
        auto choice = choose(snapshot, one.what, one.page);
        ASSERT_TRUE(choice) << one.what << ": " << choice.error().text;
        EXPECT_EQ(choice->site->name, one.site) << one.what;
        EXPECT_EQ(choice->host, one.host) << one.what;
        EXPECT_EQ(choice->target, one.target) << one.what;
    }
}

TEST(Choice, TakesAPathOfTheOnlySite) {
    config::Snapshot snapshot;
    snapshot.sites = {site("wild", {"*.example.org"})};
    auto choice = choose(snapshot, "/a", "");
    ASSERT_TRUE(choice) << choice.error().text;
    EXPECT_EQ(choice->host, "www.example.org");
    EXPECT_EQ(choice->target, "/a");
}

TEST(Choice, NamesTheSitesWhenNoneIsMeant) {
    config::Snapshot snapshot = twoSites();
    auto typo = choose(snapshot, "shpo", "");
    ASSERT_FALSE(typo);
    EXPECT_THAT(typo.error().text, HasSubstr("no site or host \"shpo\"; the sites are shop, rest"));
    snapshot.sites[1].hosts = {"other.net"};
    auto path = choose(snapshot, "/a", "");
    ASSERT_FALSE(path);
    EXPECT_THAT(path.error().text, HasSubstr("add --page /a"));
    auto host = choose(snapshot, "http://nobody.knows/", "");
    ASSERT_FALSE(host);
    EXPECT_THAT(host.error().text, HasSubstr("has the host \"nobody.knows\""));
    EXPECT_FALSE(choose(snapshot, "shop", "/a b"));
}

}  // namespace
}  // namespace turnpike::measure
