// The generator, wrk and h2load on one running server: each says what the server's own books say. How fast they
// are is for `./run bench load`.
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <regex>

#include "processes.h"
#include "support/raw_client.h"
#include "support/server_process.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kRefused = 3;  // a machine that is busy with other things may make a generator the bottleneck

class Generators : public ::testing::Test {
 protected:
    Generators() {
        server.folder().write("public/1k.txt", std::string(1024, 'x'));
        // The tag of a file that changed a moment ago is weak at first, and two bytes longer.
        const auto then = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
        std::filesystem::last_write_time(server.folder().path() + "/public/1k.txt", then);
        server.setup.sites =
            "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n[[site.route]]\nprefix = \"/\"\n"
            "plugin = \"static\"\n";
    }
    void SetUp() override {
        ASSERT_TRUE(server.start());
        before_ = counted();
    }
    std::string url(const std::string& path = "/1k.txt") const {
        return "http://127.0.0.1:" + std::to_string(server.port()) + path;
    }
    uint64_t counted() const {
        auto totals = server.status()->getObject("totals");
        return totals ? totals->getObject("counters")->getValue<Poco::UInt64>("requests") : 0;
    }
    /// How many requests the server has answered since the test began; a request is counted a moment after its
    /// last byte.
    void expectServed(uint64_t least, uint64_t most) const {
        eventually([&] { return counted() - before_ >= least; });
        EXPECT_GE(counted() - before_, least);
        EXPECT_LE(counted() - before_, most);
    }
    std::string runs(const std::string& command, int status = 0) const {
        std::string output;
        int ended = runProgram(command, &output);
        bool may_be_refused = status == 0;
        EXPECT_TRUE(ended == status || (may_be_refused && ended == kRefused)) << ended << ": " << output;
        return output;
    }
    Poco::JSON::Object::Ptr loads(const std::string& options) const {
        std::string output = runs(TURNPIKE_PROGRAM " load --json --warm-up 0 " + options + " 2>/dev/null");
        return Poco::JSON::Parser().parse(output).extract<Poco::JSON::Object::Ptr>();
    }
    static uint64_t number(const Poco::JSON::Object::Ptr& of, const std::string& name) {
        return of->getValue<Poco::UInt64>(name);
    }
    /// The number before `what` in a program's output.
    static uint64_t numberBefore(const std::string& what, const std::string& output) {
        std::smatch found;
        EXPECT_TRUE(std::regex_search(output, found, std::regex("([0-9]+) " + what))) << output;
        return found.empty() ? 0 : std::stoull(found[1]);
    }

    Turnpike server;

 private:
    uint64_t before_ = 0;
};

TEST_F(Generators, TheClosedLoopCountsWhatTheServerCounts) {
    // Fewer than one connection may carry (`requests_per_connection`), however unevenly they come on.
    auto said = loads(url() + " -c 8 --requests 900");
    EXPECT_EQ(number(said, "requests"), 900u);
    EXPECT_EQ(number(said, "connects"), 8u);
    expectServed(900, 900);
    RawClient client(server.port());
    client.send("GET /1k.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    Answer answer = client.answer();
    EXPECT_EQ(number(said, "received_bytes"), 900 * (answer.head.size() + answer.body.size()));
}

TEST_F(Generators, TheWarmUpIsCountedApart) {
    std::string output = runs(TURNPIKE_PROGRAM " load --json --warm-up 100ms --requests 100 " + url());
    auto said = Poco::JSON::Parser().parse(output).extract<Poco::JSON::Object::Ptr>();
    uint64_t all = number(said, "requests") + number(said->getObject("warm_up"), "requests");
    EXPECT_EQ(number(said, "requests"), 100u);
    expectServed(all, all);
}

TEST_F(Generators, TheOpenLoopSendsWhatTheRateDemands) {
    auto said = loads(url() + " -c 64 --rate 500 -d 1s");
    EXPECT_EQ(number(said, "requests") + number(said, "unsent"), 500u);
    expectServed(number(said, "requests"), number(said, "requests"));
}

TEST_F(Generators, AConnectionForEachRequestIsWhatTheServerSees) {
    auto said = loads(url() + " -c 4 --requests 200 --no-keep-alive");
    EXPECT_EQ(number(said, "connects"), 200u);
    expectServed(200, 200);
}

TEST_F(Generators, WrkCountsTheSame) {
    std::string output = runs("wrk -t1 -c8 -d1s " + url() + " 2>&1");
    EXPECT_THAT(output, Not(HasSubstr("Non-2xx")));
    EXPECT_THAT(output, Not(HasSubstr("Socket errors")));
    uint64_t requests = numberBefore("requests in", output);
    EXPECT_GT(requests, 0u);
    expectServed(requests, requests + 8);  // wrk drops what is under way at its end
}

TEST_F(Generators, H2loadCountsTheSame) {
    std::string output = runs("h2load --h1 --rps=100 -c 10 -r 1 --rate-period=1ms -n 500 " + url() + " 2>&1");
    EXPECT_EQ(numberBefore("2xx", output), 500u);
    EXPECT_EQ(numberBefore("failed", output), 0u);
    expectServed(500, 500);
}

TEST_F(Generators, WritesWhatHdrHistogramPlots) {
    runs(TURNPIKE_PROGRAM " load --warm-up 0 --requests 50 --hgrm " + server.path("latency.hgrm") + " " + url());
    std::string text = server.read("latency.hgrm");
    EXPECT_THAT(text, HasSubstr("       Value     Percentile TotalCount 1/(1-Percentile)\n"));
    EXPECT_THAT(text, HasSubstr(" 1.000000000000         50\n"));
}

TEST_F(Generators, ReadsLikeWrk) {
    std::string output = runs(TURNPIKE_PROGRAM " load --warm-up 0 --requests 50 -c 2 " + url() + " 2>/dev/null");
    for (const char* part : {"  1 thread and 2 connections\n", "    Latency ", "  Latency Distribution\n     50% ",
                             "  50 requests in ", "Requests/sec: ", "Transfer/sec: ", "Generator: "})
        EXPECT_THAT(output, HasSubstr(part));
}

TEST_F(Generators, ARunThatCannotKeepItsRateIsRefused) {
    std::string output =
        runs(TURNPIKE_PROGRAM " load --warm-up 0 -c 1 --rate 5000000 -d 100ms " + url() + " 2>&1", kRefused);
    EXPECT_THAT(output, HasSubstr("turnpike: this run is refused: "));
    EXPECT_THAT(output, HasSubstr("Requests/sec: "));
}

TEST_F(Generators, SaysWhatIsWrong) {
    struct {
        std::string arguments;
        int status;
        std::string says;
    } const cases[] = {
        {url("/none.txt"), 1, "status 404 for /none.txt"},
        {"http://127.0.0.1:1/", 1, "Connection refused"},
        {url() + " --header nonsense", 1, "expected --header \"Name: value\""},
        {url() + " --cpu 1000000", 1, "cannot run on processor 1000000"},
        {url() + " --arrivals poisson", 2, "--rate"},
        {url() + " -d 5parsecs", 2, "has the unknown unit \"parsecs\""},
        {url() + " -d 5", 2, "\"5\" has no unit"},
        {"", 2, "URL is required"},
    };
    for (const auto& c : cases)
        EXPECT_THAT(runs(TURNPIKE_PROGRAM " load " + c.arguments + " 2>&1", c.status), HasSubstr(c.says));
}

}  // namespace
}  // namespace turnpike::e2e
