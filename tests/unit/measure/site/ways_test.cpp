#include "measure/site/ways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/write.h"

namespace turnpike::measure {
namespace {

using config::RawKey;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

const Present kAll{"/usr/sbin/php-fpm8.2", "/usr/bin/php-cgi", {"cgi", "fastcgi", "static"}};
const RawKey kPreset{"preset", std::string("php-fpm"), {}};

config::Route route(std::string plugin, std::vector<RawKey> keys) {
    config::Route route;
    route.match.suffix = ".php";
    route.use = {std::move(plugin), {}, std::move(keys)};
    return route;
}

Ways waysOf(const config::Route& now, const std::string& path = "/page.php", const Present& present = kAll) {
    config::Site site;
    site.index = {"index.html", "index.php"};
    return measure::waysOf(site, now, path, present);
}

Words names(const Ways& ways) {
    Words names;
    for (const Way& way : ways.all) names.push_back(way.name);
    return names;
}

const Way& find(const Ways& ways, const std::string& name) {
    for (const Way& way : ways.all)
        if (way.name == name) return way;
    throw std::out_of_range(name);
}

/// The keys as they stand in a file.
std::string keys(const Ways& ways, const std::string& name) {
    config::Snapshot snapshot;
    snapshot.sites.resize(1);
    snapshot.sites[0].routes = {find(ways, name).route};
    const std::string text = config::toml(snapshot);
    return text.substr(text.find("[[site.route]]"));
}

TEST(Ways, OfPhpFpmAreItsHopsAndCgi) {
    const Ways ways = waysOf(route("fastcgi", {kPreset, {"children", int64_t{8}, {}}}));
    EXPECT_THAT(names(ways), ElementsAre("php-fpm-unix-kept", "php-fpm-unix-new", "php-fpm-tcp-kept",
                                         "php-fpm-tcp-new", "cgi"));
    EXPECT_TRUE(ways.all.front().is_now);
    EXPECT_EQ(ways.why_alone, "");
    EXPECT_EQ(keys(ways, "php-fpm-unix-kept"),
              "[[site.route]]\nsuffix = \".php\"\nplugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 8\n");
    EXPECT_EQ(keys(ways, "php-fpm-tcp-new"),
              "[[site.route]]\nsuffix = \".php\"\nplugin = \"fastcgi\"\npreset = \"php-fpm\"\nchildren = 8\n"
              "listen = \"127.0.0.1:0\"\nkeep = false\n");
    EXPECT_EQ(find(ways, "php-fpm-tcp-new").what, "php-fpm over TCP, a connection for each request");
}

TEST(Ways, BeginWithTheOneOfNow) {
    const Ways ways =
        waysOf(route("fastcgi", {{"keep", false, {}}, kPreset, {"listen", std::string("[::1]:9000"), {}}}));
    EXPECT_THAT(names(ways), ElementsAre("php-fpm-tcp-new", "php-fpm-unix-kept", "php-fpm-unix-new",
                                         "php-fpm-tcp-kept", "cgi"));
    EXPECT_THAT(keys(ways, "php-fpm-tcp-new"),
                HasSubstr("keep = false\npreset = \"php-fpm\"\nlisten = \"[::1]:9000\"\n"));
    EXPECT_THAT(keys(ways, "php-fpm-unix-kept"), Not(HasSubstr("listen")));
}

TEST(Ways, OfPhpGiveCgiTheSameVariables) {
    const Ways ways = waysOf(route("fastcgi", {kPreset, {"params", config::StringMap{{"STAGE", "test"}}, {}}}));
    const std::string cgi = keys(ways, "cgi");
    EXPECT_THAT(cgi, HasSubstr("plugin = \"cgi\"\ninterpreter = [\"/usr/bin/php-cgi\"]\nsuffixes = [\".php\"]\n"));
    EXPECT_THAT(cgi, HasSubstr("env = { \"STAGE\" = \"test\", \"REDIRECT_STATUS\" = \"200\" }\n"));
    EXPECT_THAT(cgi, HasSubstr("pass_authorization = true\n"));
    EXPECT_THAT(cgi, Not(HasSubstr("preset")));
}

TEST(Ways, LeadCgiToTheScriptOfAFolder) {
    EXPECT_THAT(keys(waysOf(route("fastcgi", {kPreset}), "/news/?a=1"), "cgi"),
                HasSubstr("try = [\"$pathindex.php\", \"$path\"]\n"));
    EXPECT_THAT(keys(waysOf(route("fastcgi", {kPreset}), "/news.php"), "cgi"), Not(HasSubstr("try")));
}

TEST(Ways, OfPhpByCgiAreThoseOfPhpFpm) {
    const Ways ways =
        waysOf(route("cgi", {{"interpreter", Words{"/usr/bin/php-cgi8.2"}, {}},
                             {"env", config::StringMap{{"REDIRECT_STATUS", "200"}, {"A", "1"}}, {}}}));
    EXPECT_THAT(names(ways), ElementsAre("cgi", "php-fpm-unix-kept", "php-fpm-unix-new", "php-fpm-tcp-kept",
                                         "php-fpm-tcp-new"));
    EXPECT_THAT(keys(ways, "cgi"), HasSubstr("/usr/bin/php-cgi8.2"));
    EXPECT_THAT(keys(ways, "php-fpm-unix-kept"),
                HasSubstr("plugin = \"fastcgi\"\npreset = \"php-fpm\"\nparams = { \"A\" = \"1\" }\n"));
}

TEST(Ways, OfPhpElsewhereIncludeOneOfOurOwn) {
    const Ways ways = waysOf(route("fastcgi", {kPreset, {"address", std::string("unix:/run/php.sock"), {}}}));
    EXPECT_THAT(names(ways), ElementsAre("external-unix-kept", "external-unix-new", "php-fpm-unix-kept",
                                         "php-fpm-unix-new", "php-fpm-tcp-kept", "php-fpm-tcp-new", "cgi"));
    EXPECT_TRUE(find(ways, "external-unix-new").is_external);
    EXPECT_THAT(keys(ways, "external-unix-new"), HasSubstr("keep = false\n"));
    EXPECT_FALSE(find(ways, "php-fpm-unix-kept").is_external);
    EXPECT_THAT(keys(ways, "php-fpm-unix-kept"), Not(HasSubstr("/run/php.sock")));
}

TEST(Ways, OfPhpInProcessesOfItsOwnKeepAsManyChildren) {
    const Ways ways = waysOf(
        route("fastcgi", {kPreset, {"command", Words{"/usr/bin/php-cgi"}, {}}, {"instances", int64_t{6}, {}}}));
    EXPECT_EQ(ways.all.front().name, "fastcgi-unix-kept");
    EXPECT_EQ(ways.all.front().what, "php-cgi over a unix socket, connections kept");
    const std::string fpm = keys(ways, "php-fpm-unix-kept");
    EXPECT_THAT(fpm, HasSubstr("children = 6\n"));
    EXPECT_THAT(fpm, Not(HasSubstr("command")));
    EXPECT_THAT(fpm, Not(HasSubstr("instances")));
}

TEST(Ways, OfAProgramAreItsHops) {
    const Ways ways = waysOf(route("fastcgi", {{"command", Words{"/srv/app"}, {}}}));
    EXPECT_THAT(names(ways),
                ElementsAre("fastcgi-unix-kept", "fastcgi-tcp-kept", "fastcgi-unix-new", "fastcgi-tcp-new"));
    EXPECT_THAT(keys(ways, "fastcgi-tcp-kept"), HasSubstr("command = [\"/srv/app\"]\nlisten"));
}

TEST(Ways, OfABackendElsewhereAreKeptOrNot) {
    const Ways ways = waysOf(route("fastcgi", {{"addresses", Words{"127.0.0.1:9000"}, {}}}));
    EXPECT_THAT(names(ways), ElementsAre("external-tcp-kept", "external-tcp-new"));
}

TEST(Ways, SayWhatIsNotInstalled) {
    const Ways ways = waysOf(route("fastcgi", {kPreset}), "/page.php", {});
    EXPECT_EQ(ways.all.front().missing, "");  // it runs
    EXPECT_EQ(find(ways, "php-fpm-tcp-kept").missing, "php-fpm is not installed (package php-fpm)");
    EXPECT_EQ(find(ways, "cgi").missing, "php-cgi is not installed (package php-cgi)");
}

TEST(Ways, IncludeEmbeddedPhpWhereThatPluginIs) {
    Present present = kAll;
    present.plugins.emplace_back("php");
    EXPECT_THAT(keys(waysOf(route("fastcgi", {kPreset}), "/page.php", present), "embedded"),
                HasSubstr("suffix = \".php\"\nplugin = \"php\"\n"));
    const Ways embedded = waysOf(route("php", {}), "/page.php", present);
    EXPECT_EQ(embedded.all.front().name, "embedded");
    EXPECT_EQ(embedded.all.size(), 6u);
}

TEST(Ways, SayWhyThereIsNoOther) {
    const struct {
        config::Route now;
        const char* why;
    } cases[] = {{route("static", {}), "is a file"},
                 {route("cgi", {}), "is answered by a CGI program"},
                 {route("hello", {}), "is answered by the plugin hello inside of the server"}};
    for (const auto& one : cases) {
        const Ways ways = waysOf(one.now, "/page");
        EXPECT_EQ(ways.all.size(), 1u);
        EXPECT_THAT(ways.why_alone, HasSubstr(one.why));
    }
}

}  // namespace
}  // namespace turnpike::measure
