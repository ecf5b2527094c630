// Access logs of sites: what they say, and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "load.h"
#include "processes.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string site(const std::string& host, const std::string& keys) {
    return "[[site]]\nname = \"" + host + "\"\nhosts = [\"" + host + "\"]\n" + keys +
           "[[site.route]]\nprefix = \"/\"\nplugin = \"teller\"\n";
}

std::string request(const std::string& host, const std::string& target, const std::string& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + fields + "\r\n";
}

class AccessLogs : public ::testing::Test {
 protected:
    /// What is in the file once it has so many lines.
    std::string lines(const std::string& name, long count) {
        auto read = [&] { return server.read(name); };
        auto has = [&](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
        EXPECT_TRUE(eventually([&] { return has(read()) >= count; })) << name;
        EXPECT_EQ(has(read()), count) << name << "\n" << read();
        return read();
    }

    Turnpike server;
};

TEST_F(AccessLogs, AreTheSitesOwn) {
    server.setup.sites =
        site("one.test",
             "access_log = \"FOLDER/one.log\"\naccess_format = \"{method} {path}?{query} {status} "
             "{plugin} {request.x-tag} {crossings.client.calls} {first_byte_us} {routed_us}\"\n") +
        site("two.test", "access_format = \"json\"\naccess_log = \"FOLDER/two.log\"\n") +
        site("three.test", "access_format = \"off\"\n") + site("four.test", "");
    ASSERT_TRUE(server.start());
    for (const char* host : {"one.test", "two.test", "three.test", "four.test"})
        EXPECT_EQ(ask(server.port(), request(host, "/p%69d?a=b", "X-Tag: a\x80\"]\r\n")).status, 200) << host;
    EXPECT_EQ(ask(server.port(), request("five.test", "/")).status, 421);
    EXPECT_THAT(lines("one.log", 1),
                MatchesRegex(R"(GET /pid\?a=b 200 teller a\\x80\\x22\] [1-9][0-9]* - [0-9]+)"
                             "\n"));
    EXPECT_THAT(lines("two.log", 1), HasSubstr("\"site\":\"two.test\""));
    const std::string rest = lines("access.log", 2);
    EXPECT_THAT(rest, HasSubstr(" four.test teller "));
    EXPECT_THAT(rest, HasSubstr(" 421 "));
}

TEST_F(AccessLogs, WithAFormatThatIsWrongNameTheLine) {
    server.setup.sites = site("one.test", "access_format = \"{remote} {statsu}\"\n");
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("\"access_format\": there is no {statsu} - did you mean \"status\"?"));
    EXPECT_TRUE(std::regex_search(server.output(), std::regex(R"(turnpike\.toml:\d+:\d+: )"))) << server.output();
}

TEST_F(AccessLogs, OfASiteMustBeThereToStart) {
    server.setup.sites = site("one.test", "access_log = \"FOLDER/nowhere/one.log\"\n");
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("cannot open the access log " + server.path("nowhere/one.log")));
}

}  // namespace
}  // namespace turnpike::e2e
