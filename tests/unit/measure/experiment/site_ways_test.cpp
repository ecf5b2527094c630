#include "measure/experiment/site_ways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace turnpike::measure {
namespace {

using config::RawKey;
using config::RawValue;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

config::Route route(std::string suffix, std::string plugin, std::vector<RawKey> keys) {
    config::Route route;
    route.match.suffix = std::move(suffix);
    route.use = {std::move(plugin), {}, std::move(keys)};
    return route;
}

config::Site site(std::vector<config::Route> routes) {
    config::Site site;
    site.name = "mine";
    site.hosts = {"example.org"};
    site.root = "/srv/\"mine\"";
    site.index = {"index.php"};
    site.routes = std::move(routes);
    site.routes.push_back(route("", "static", {}));
    return site;
}

Words names(const std::vector<SiteWay>& ways) {
    Words names;
    for (const SiteWay& way : ways) names.push_back(way.name);
    return names;
}

std::string text(const std::vector<SiteWay>& ways, const std::string& name) {
    for (const SiteWay& way : ways)
        if (way.name == name) return siteConfig("[server]\n", way.site);
    return "";
}

const RawKey kPreset{"preset", std::string("php-fpm"), {}};

TEST(SiteWays, OfPhpAreEachHopAndCgi) {
    const auto ways =
        waysOf(site({route(".php", "fastcgi", {kPreset, {"children", int64_t{8}, {}}})}), "/php-cgi");
    EXPECT_THAT(names(ways),
                ElementsAre("as it is", "as it is, once more", "php-fpm, unix, a connection for each request",
                            "php-fpm, tcp, kept", "php-fpm, tcp, a connection for each request", "cgi"));
    const std::string tcp = text(ways, "php-fpm, tcp, a connection for each request");
    EXPECT_THAT(tcp, HasSubstr("listen = \"127.0.0.1:{PORT0}\"\n"));
    EXPECT_THAT(tcp, HasSubstr("keep = false\n"));
    EXPECT_THAT(tcp, HasSubstr("children = 8\n"));
    const std::string cgi = text(ways, "cgi");
    EXPECT_THAT(cgi, HasSubstr("interpreter = [\"/php-cgi\"]\n"));
    EXPECT_THAT(cgi, HasSubstr("env = { \"REDIRECT_STATUS\" = \"200\" }\n"));
    EXPECT_THAT(cgi, HasSubstr("plugin = \"static\"\n"));
    EXPECT_THAT(cgi, Not(HasSubstr("children")));
    EXPECT_EQ(ways.back().needs, kPhpCgi);
}

TEST(SiteWays, OfPhpElsewhereIncludeOneOfOurOwn) {
    const auto ways =
        waysOf(site({route(".php", "fastcgi", {kPreset, {"address", std::string("unix:/run/php.sock"), {}}})}),
               "/php-cgi");
    EXPECT_THAT(names(ways), Contains("php-fpm, unix, kept"));
    EXPECT_THAT(text(ways, "php-fpm, unix, kept"), Not(HasSubstr("/run/php.sock")));
    EXPECT_THAT(text(ways, "as it is"), HasSubstr("address = \"unix:/run/php.sock\"\n"));
}

TEST(SiteWays, OfPhpByCgiKeepItsVariables) {
    const auto ways = waysOf(site({route(".php", "cgi",
                                         {{"interpreter", Words{"/usr/bin/php-cgi"}, {}},
                                          {"env", config::StringMap{{"STAGE", "test"}}, {}}})}),
                             "/php-cgi");
    EXPECT_EQ(ways.size(), 6u);
    EXPECT_THAT(names(ways), Not(Contains("cgi")));
    EXPECT_THAT(text(ways, "php-fpm, unix, kept"), HasSubstr("params = { \"STAGE\" = \"test\" }\n"));
}

TEST(SiteWays, OfAProgramAreItsHops) {
    const auto ways =
        waysOf(site({route("", "fastcgi", {{"command", Words{"/srv/app"}, {}}, {"keep", false, {}}})}), "");
    EXPECT_THAT(names(ways), ElementsAre("as it is", "as it is, once more", "fastcgi, unix, kept",
                                         "fastcgi, tcp, kept", "fastcgi, tcp, a connection for each request"));
    EXPECT_THAT(text(ways, "fastcgi, unix, kept"), Not(HasSubstr("keep")));
}

TEST(SiteWays, OfABackendElsewhereAreKeptOrNot) {
    const auto ways = waysOf(site({route("", "fastcgi", {{"address", std::string("127.0.0.1:9000"), {}}})}), "");
    EXPECT_THAT(names(ways),
                ElementsAre("as it is", "as it is, once more", "fastcgi, a connection for each request"));
}

TEST(SiteWays, OfFilesAreNone) { EXPECT_EQ(waysOf(site({}), "/php-cgi").size(), 2u); }

/// The server that runs has the port that the config names.
TEST(SiteWays, GiveABackendThatListensAnotherPort) {
    const RawKey listen{"listen", std::string("127.0.0.1:9000"), {}};
    const config::Route one = route(".php", "fastcgi", {kPreset, listen});
    config::Route other = one;
    other.use.keys.push_back({"children", int64_t{2}, {}});
    const auto ways = waysOf(site({one, one, other}), "/php-cgi");
    const std::string same = text(ways, "as it is");
    EXPECT_THAT(same, Not(HasSubstr(":9000")));
    EXPECT_THAT(same, HasSubstr("{PORT0}"));
    EXPECT_THAT(same, Not(HasSubstr("{PORT1}")));
    EXPECT_THAT(same, HasSubstr("{PORT2}"));
}

TEST(SiteConfig, IsTheSiteInWords) {
    config::Site whole = site({route(".php", "fastcgi", {kPreset})});
    whole.links = os::Links::Deny;
    whole.error_pages = {{404, "/404.html"}};
    whole.hooks = {{"guard", {}, {{"realm", std::string("a \"b\" \\ \n"), {}}}}};
    whole.routes.front().try_files = {"$path", "/index.php?$query"};
    const std::string text = siteConfig("[server]\n", whole);
    EXPECT_THAT(text, HasSubstr("hosts = [\"*\"]\n"));
    EXPECT_THAT(text, HasSubstr("root = \"/srv/\\\"mine\\\"\"\n"));
    EXPECT_THAT(text, HasSubstr("links = \"deny\"\n"));
    EXPECT_THAT(text, HasSubstr("error_pages = { \"404\" = \"/404.html\" }\n"));
    EXPECT_THAT(text, HasSubstr("try = [\"$path\", \"/index.php?$query\"]\n"));
    EXPECT_THAT(text, HasSubstr("[[site.hook]]\nplugin = \"guard\"\nrealm = \"a \\\"b\\\" \\\\ \\u000a\"\n"));
}

}  // namespace
}  // namespace turnpike::measure
