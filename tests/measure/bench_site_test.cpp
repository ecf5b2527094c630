// `turnpike bench-site` on a PHP site with real php-fpm and php-cgi: its ways are told apart by their counts,
// whatever else the machine does, and the config and the running server stay as they are.
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "measure/instrument.h"
#include "support/raw_client.h"
#include "support/server_process.h"

namespace turnpike::measure {
namespace {

using Poco::JSON::Object;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Two routes have php-fpm, and the page is found by `try` of a third: which one answers is not to be seen in it.
constexpr const char* kSite = R"([[site]]
name = "mine"
hosts = ["example.org"]
root = "FOLDER/public"
[[site.route]]
prefix = "/admin/"
suffix = ".php"
plugin = "fastcgi"
preset = "php-fpm"
name = "admin"
children = 1
[[site.route]]
suffix = ".php"
plugin = "fastcgi"
preset = "php-fpm"
children = 2
[[site.route]]
exact = "/style.css"
plugin = "static"
[[site.route]]
try = ["$path", "/index.php?$query"]
plugin = "static"
)";

class BenchSite : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = missing(kPhpFpm | kPhpCgi); !why.empty())
            GTEST_SKIP() << "skipped: no " << why;
        server.folder().write("public/index.php", "<?php echo str_repeat('x', (int) ($_GET['bytes'] ?? 10));");
        server.folder().write("public/way.php",
                              "<?php echo php_sapi_name() === 'fpm-fcgi' ? 'fpm' : 'something else';");
        server.folder().write("public/gone.php", "<?php http_response_code(410);");
        server.folder().write("public/style.css", "p {}");
        server.writeConfig(kSite);
    }

    int bench(const std::string& arguments) {
        return instrument.runVerb("bench-site " + arguments + " -c " + server.configPath());
    }
    const std::string& said() const { return instrument.output(); }

    /// The config of `site`, which nobody serves yet: a server that runs is started with static files alone.
    ServerProcess server{
        "[[site]]\nhosts = [\"example.org\"]\nroot = \"FOLDER\"\n[[site.route]]\nplugin = \"static\"\n"};
    Instrument instrument;
};

/// What is printed begins after what is told meanwhile.
Object::Ptr parse(const std::string& output) {
    const size_t begin = output.find("\n{\n");
    if (begin == std::string::npos) return new Object;
    return Poco::JSON::Parser().parse(output.substr(begin)).extract<Object::Ptr>();
}

std::map<std::string, Object::Ptr> waysOf(const Object& result) {
    std::map<std::string, Object::Ptr> ways;
    const auto list = result.getArray("ways");
    for (unsigned i = 0; list && i < list->size(); ++i)
        ways[list->getObject(i)->getValue<std::string>("name")] = list->getObject(i);
    return ways;
}

double callsOf(const Object& way, const char* of) {
    return way.getObject("crossings_per_request")->getValue<double>(of);
}

TEST_F(BenchSite, MeasuresEachWayAndLeavesTheServerAlone) {
    ASSERT_TRUE(server.isUp()) << server.errorLog();
    ASSERT_EQ(bench("'http://example.org/news?bytes=100' --quick --blocks 2 --seconds 0.4 --json"), 0) << said();
    const Object::Ptr result = parse(said());
    const auto ways = waysOf(*result);
    const bool has_embedded = std::filesystem::exists(TURNPIKE_BUILD "/plugins/php.so");
    ASSERT_EQ(ways.size(), has_embedded ? 6u : 5u) << said();
    EXPECT_EQ(result->getArray("left_out")->size(), 0u) << said();
    EXPECT_EQ(result->getValue<std::string>("target"), "/news?bytes=100");
    EXPECT_TRUE(ways.at("php-fpm-unix-kept")->getValue<bool>("is_now"));
    // One write and one read; and what it takes to connect, to know it and to close.
    const std::map<std::string, long> backend_calls = {
        {"php-fpm-unix-kept", 2}, {"php-fpm-unix-new", 5}, {"php-fpm-tcp-kept", 2}, {"php-fpm-tcp-new", 7}};
    for (const auto& [name, calls] : backend_calls) {
        EXPECT_EQ(std::lround(callsOf(*ways.at(name), "backend")), calls) << name;
        EXPECT_EQ(std::lround(callsOf(*ways.at(name), "spawn")), 0) << name;
    }
    if (has_embedded) {
        EXPECT_LE(callsOf(*ways.at("embedded"), "backend"), 1.1) << "a wake at most, and rarely a look";
    }
    EXPECT_GE(callsOf(*ways.at("cgi"), "spawn"), 1);
    for (const auto& [name, way] : ways) {
        EXPECT_GE(way->getValue<int>("trials"), 4) << name;  // two blocks, two loads
        EXPECT_EQ(way->has("against_now"), name != "php-fpm-unix-kept");
    }
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
    EXPECT_EQ(get(server.port(), "/style.css").status, 421);  // still there, and as strict as before
    EXPECT_THAT(server.accessLog(), Not(HasSubstr("bytes=100")));
}

// php-fpm of such a site is neither root nor a worker, and must read its config in the private folder.
TEST_F(BenchSite, MeasuresASiteThatHasAUserOfItsOwn) {
    if (::geteuid() != 0) GTEST_SKIP() << "skipped: only root has sites of other users";
    const std::string site = kSite, name = "name = \"mine\"\n";
    server.writeConfig("[[site]]\nuser = \"nobody\"\n" + site.substr(site.find(name)));
    ASSERT_EQ(bench("mine --page /way.php --quick --blocks 2"), 0) << said();
    EXPECT_THAT(said(), HasSubstr("* php-fpm-unix-kept "));
    EXPECT_THAT(said(), Not(HasSubstr("status 503")));
}

TEST_F(BenchSite, LeavesOutAWayThatIsAnotherPage) {
    ASSERT_EQ(bench("mine --page /way.php --quick --blocks 2"), 0) << said();
    EXPECT_THAT(said(), HasSubstr("cgi: left out: it is not the same page: it has 14 bytes, and 3 bytes"));
    EXPECT_THAT(said(), HasSubstr("* php-fpm-unix-kept "));
    EXPECT_THAT(said(), HasSubstr("backend 5.0 instead of 2.0"));
    EXPECT_THAT(said(), HasSubstr("95 % intervals over 2 blocks"));
}

TEST_F(BenchSite, PrintsAConfigThatPassesTheCheck) {
    ASSERT_EQ(
        bench("mine --page /admin/../way.php --show-config php-fpm-tcp-new > " + instrument.path("way.toml")), 0);
    std::string checked;
    EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " check -c " + instrument.path("way.toml") + " 2>&1", &checked), 0)
        << checked;
    std::stringstream config;
    config << std::ifstream(instrument.path("way.toml")).rdbuf();
    // The route that answers has other keys, the other one is as it was.
    EXPECT_THAT(config.str(), HasSubstr("name = \"admin\"\nchildren = 1\n\n"));
    EXPECT_THAT(config.str(),
                HasSubstr("preset = \"php-fpm\"\nchildren = 2\nlisten = \"127.0.0.1:9000\"\nkeep = false\n"));
    EXPECT_EQ(bench("mine --page /way.php --show-config none"), 1);
    EXPECT_THAT(said(), HasSubstr("there is no way \"none\" to run this page, but php-fpm-unix-kept, "));
}

TEST_F(BenchSite, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"mine --page /style.css", "/style.css is a file, and there is no other way to run a file"},
        {"mine --page /gone.php", "status 410 for /gone.php"},
        {"nobody", "there is no site or host \"nobody\"; the sites are mine"},
        {"http://other.net/", "no site of the config has the host \"other.net\""},
        {"mine --page '/a b'", "a blank or control byte"},
    };
    for (const auto& [arguments, why] : cases) {
        EXPECT_EQ(bench(arguments), 1) << arguments;
        EXPECT_THAT(said(), HasSubstr(why)) << arguments;
    }
    EXPECT_EQ(bench("mine --blocks 1"), 2);
    EXPECT_THAT(instrument.leftovers(), IsEmpty());
}

}  // namespace
}  // namespace turnpike::measure
