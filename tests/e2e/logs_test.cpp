// Access logs of sites: what they say, and where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <regex>
#include <vector>

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
    EXPECT_THAT(lines("one.log", 1), MatchesRegex(R"(GET /pid\?a=b 200 teller a\\x80\\x22\] [1-9][0-9]* - [0-9]+)"
                                                  "\n"));
    EXPECT_THAT(lines("two.log", 1), HasSubstr("\"site\":\"two.test\""));
    const std::string rest = lines("access.log", 2);
    EXPECT_THAT(rest, HasSubstr(" four.test teller "));
    EXPECT_THAT(rest, HasSubstr(" 421 "));
}

TEST_F(AccessLogs, GoToSyslog) {
    const int receiver = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    server.path("syslog").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(receiver, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    giveToWorkers(server.path("syslog"));
    server.setup.sites = site("localhost", "access_format = \"{target} {status}\"\n");
    server.setup.access_log = "syslog:unix:FOLDER/syslog";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    char text[1000] = "";
    EXPECT_TRUE(eventually([&] { return ::recv(receiver, text, sizeof text - 1, 0) > 0; }));
    ::close(receiver);
    EXPECT_THAT(text, ::testing::StartsWith("<30>"));
    EXPECT_THAT(text, HasSubstr(" turnpike/access["));
    EXPECT_THAT(text, ::testing::EndsWith("]: /pid 200"));
}

TEST_F(AccessLogs, WithAFormatThatIsWrongNameTheLine) {
    server.setup.sites = site("one.test", "access_format = \"{remote} {statsu}\"\n");
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("\"access_format\": there is no {statsu} - did you mean \"status\"?"));
    EXPECT_TRUE(std::regex_search(server.output(), std::regex(R"(turnpike\.toml:\d+:\d+: )"))) << server.output();
}

TEST_F(AccessLogs, AreNotPutIntoAFileNamedOff) {
    server.setup.sites = site("one.test", "access_log = \"off\"\n");
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("\"access_log\": is a place: `access_format = \"off\"`"));
}

TEST_F(AccessLogs, OfASiteMustBeThereToStart) {
    server.setup.sites = site("one.test", "access_log = \"FOLDER/nowhere/one.log\"\n");
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("cannot open the access log " + server.path("nowhere/one.log")));
}

TEST_F(AccessLogs, ThatHaveGrownAreRenamedAndLoseNoLine) {
    server.setup.sites = site("localhost", "");
    server.setup.workers = 3;
    server.setup.server = "log_max_size = \"2KiB\"\nlog_keep = 50\n";
    ASSERT_TRUE(server.start());
    Load load(server.port(), {{"/pid", [](const Answer& a) { return a.status == 200; }}}, 3, 1);
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(server.path("access.log.3")); }));
    load.finish();
    EXPECT_TRUE(load.misses().empty()) << load.report();
    ASSERT_EQ(server.stop(), 0);
    std::string all = server.read("access.log");
    for (int i = 1; i <= 50; ++i) all += server.read("access.log." + std::to_string(i));
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), static_cast<long>(load.good()));
    const std::regex whole(
        R"(127\.0\.0\.1 - - \[[^\]]+\] "GET /pid HTTP/1\.1" 200 \d+ "-" "-" [0-9a-f]{16} localhost teller \d+)");
    std::istringstream text(all);
    for (std::string line; std::getline(text, line);) ASSERT_TRUE(std::regex_match(line, whole)) << line;
}

TEST_F(AccessLogs, KeepAsManyFilesAsTheyAreTold) {
    server.setup.sites = site("localhost", "access_log = \"FOLDER/site.log\"\n");
    server.setup.server = "log_max_size = \"1B\"\nlog_keep = 2\n";
    server.setup.workers = 1;
    ASSERT_TRUE(server.start());
    // Until the file with the first line, which becomes the oldest of two, has made room for the next one. How
    // many lines a file gets is not known: they go on into one that was renamed until the worker has the new one.
    int sent = 0;
    ASSERT_TRUE(eventually([&] {
        EXPECT_EQ(get(server.port(), "/pid?" + std::to_string(sent++)).status, 200);
        const std::string oldest = server.read("site.log.2");
        return !oldest.empty() && oldest.find("/pid?0 ") == std::string::npos;
    }));
    ASSERT_EQ(server.stop(), 0);
    const std::string kept = server.read("site.log.2") + server.read("site.log.1") + server.read("site.log");
    const std::regex line(R"("GET /pid\?(\d+) )");
    std::vector<int> numbers, last;
    for (std::sregex_iterator at(kept.begin(), kept.end(), line), end; at != end; ++at)
        numbers.push_back(std::stoi((*at)[1]));
    for (size_t n = numbers.size(); n > 0; --n) last.push_back(sent - static_cast<int>(n));
    EXPECT_EQ(numbers, last) << "the last ones, each once and in order";
    EXPECT_FALSE(std::filesystem::exists(server.path("site.log.3")));
    EXPECT_TRUE(std::filesystem::exists(server.path("error.log.1"))) << "the error log has grown, too";
}

TEST_F(AccessLogs, ThatCannotBeRenamedSayItOnceAndGoOn) {
    server.setup.sites = site("localhost", "access_log = \"FOLDER/site.log\"\n");
    server.setup.server = "log_max_size = \"1KiB\"\nlog_keep = 1\n";
    server.setup.workers = 1;
    ASSERT_TRUE(server.start());
    std::filesystem::create_directories(server.path("site.log.1/in the way"));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(get(server.port(), "/pid").status, 200);
    ASSERT_TRUE(server.waitForLog("cannot rotate the access log " + server.path("site.log")));
    EXPECT_EQ(get(server.port(), "/pid?after").status, 200);
    EXPECT_TRUE(eventually([&] { return server.read("site.log").find("pid?after") != std::string::npos; }));
}

}  // namespace
}  // namespace turnpike::e2e
