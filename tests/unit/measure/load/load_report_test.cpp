#include "measure/load/load_report.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using testing::HasSubstr;
using testing::Not;

Load closed() {
    Load load;
    load.paths = {"/a"};
    load.connections = 4;
    return load;
}

Load open() {
    Load load = closed();
    load.arrivals = Arrivals::Poisson;
    load.rate = 100;
    load.seed = 5;
    return load;
}

LoadOutcome outcome() {
    LoadOutcome outcome;
    outcome.requests = 100;
    outcome.elapsed_ns = 2'000'000'000;
    for (uint64_t i = 1; i <= 100; ++i) {
        outcome.latency_ns.add(i * 20'000);
        outcome.service_ns.add(i * 10'000);
    }
    outcome.received = 4 << 20;
    outcome.cpu_ns = 500'000'000;
    outcome.offered = 50;
    return outcome;
}

TEST(LoadText, ReadsLikeWrks) {
    EXPECT_EQ(loadText(closed(), outcome(), "http://h/a"),
              "Running closed loop @ http://h/a\n"
              "  1 thread and 4 connections\n"
              "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n"
              "    Latency    1.01ms  577.33us    2.00ms    58.00%\n"
              "  Latency Distribution\n"
              "     50%    1.00ms\n"
              "     75%    1.50ms\n"
              "     90%    1.80ms\n"
              "     99%    1.98ms\n"
              "  100 requests in 2.00s, 4.00MB read\n"
              "Requests/sec:      50.00\n"
              "Transfer/sec:     2.00MB\n"
              "Generator:         25.0% of its processor\n");
}

TEST(LoadText, TellsBothTimesOfAnOpenLoop) {
    std::string text = loadText(open(), outcome(), "http://h/a");
    EXPECT_THAT(text, HasSubstr("Running open loop, Poisson arrivals @ http://h/a\n"));
    EXPECT_THAT(text, HasSubstr("    Latency    1.01ms"));
    EXPECT_THAT(text, HasSubstr("    Service  505.00us"));
    EXPECT_THAT(text, HasSubstr("  Service Distribution\n     50%  500.22us\n"));
    EXPECT_THAT(text, HasSubstr("Offered/sec:       50.00\n"));
}

TEST(LoadText, FlagsAWarmUpThatWasCutOff) {
    LoadOutcome warm = outcome();
    EXPECT_THAT(loadText(closed(), warm, "u"), Not(HasSubstr("Warm-up")));
    warm.warm_up_ns = 1'500'000'000;
    EXPECT_THAT(loadText(closed(), warm, "u"), HasSubstr("  Warm-up of 1.50s: steady"));
    warm.warm_up_capped = true;
    EXPECT_THAT(loadText(closed(), warm, "u"), HasSubstr("  Warm-up of 1.50s: NOT STEADY"));
}

TEST(LoadText, HasAUnitForEverySize) {
    LoadOutcome sizes = outcome();
    sizes.received = 0;
    EXPECT_THAT(loadText(closed(), sizes, "u"), HasSubstr(", 0.00B read"));
    sizes.received = uint64_t{3} << 50;
    sizes.elapsed_ns = 90'000'000'000;
    EXPECT_THAT(loadText(closed(), sizes, "u"), HasSubstr(" in 1.50m, 3072.00TB read"));
}

TEST(LoadJson, SaysTheSame) {
    LoadOutcome warm = outcome();
    warm.warm_up_ns = 1'500'000'000;
    warm.warm_up_requests = 7;
    auto json =
        Poco::JSON::Parser().parse(loadJson(open(), warm, "http://h/a")).extract<Poco::JSON::Object::Ptr>();
    EXPECT_EQ(json->getValue<std::string>("url"), "http://h/a");
    EXPECT_EQ(json->getValue<std::string>("loop"), "open loop, Poisson arrivals");
    EXPECT_EQ(json->getValue<int>("seed"), 5);
    EXPECT_EQ(json->getValue<int>("requests"), 100);
    EXPECT_EQ(json->getValue<double>("requests_per_second"), 50);
    EXPECT_EQ(json->getValue<int>("received_bytes"), 4 << 20);
    EXPECT_EQ(json->getObject("latency")->getValue<double>("max_us"), 2000);
    EXPECT_NEAR(json->getObject("service")->getValue<double>("p50_us"), 500, 0.5);
    EXPECT_NEAR(json->getObject("latency")->getValue<double>("p99.9_us"), 2000, 0.5);
    EXPECT_EQ(json->getObject("warm_up")->getValue<int>("requests"), 7);
    EXPECT_TRUE(json->getObject("warm_up")->getValue<bool>("steady"));
    EXPECT_EQ(json->getValue<double>("generator_share"), 0.25);
    EXPECT_TRUE(json->isNull("refused"));
}

TEST(LoadJson, HasNullForAWarmUpThatWasNot) {
    EXPECT_THAT(loadJson(closed(), outcome(), "u"), HasSubstr("\"warm_up\": null"));
}

TEST(Refusal, IsForAGeneratorAtItsLimit) {
    LoadOutcome busy = outcome();
    EXPECT_EQ(refusal(busy), "");
    busy.cpu_ns = 1'800'000'000;
    EXPECT_EQ(refusal(busy), "");
    busy.cpu_ns = 1'820'000'000;
    EXPECT_THAT(refusal(busy), HasSubstr("the generator used 91 % of its processor"));
    EXPECT_THAT(loadJson(closed(), busy, "u"), HasSubstr("\"refused\": \"the generator used 91 %"));
}

TEST(Refusal, IsForARateThatWasNotKept) {
    LoadOutcome late = outcome();
    late.unsent = 20;
    EXPECT_THAT(refusal(late), HasSubstr("20 of 120 requests that fell due were not sent"));
}

}  // namespace
}  // namespace turnpike::measure
