#include "measure/experiment/site_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<SiteWay> kWays = {
    {"as it is", "", 0, {}}, {"as it is, once more", "", 0, {}}, {"cgi", "plugin = \"cgi\"", 0, {}}};

/// Six blocks in which way i costs cpu[i] microseconds, with a little of chance.
std::vector<Trial> trials(const std::vector<double>& cpu) {
    std::vector<Trial> all;
    for (uint32_t block = 0; block < 6; ++block)
        for (size_t way = 0; way < cpu.size(); ++way)
            for (const char* load : {"single", "saturation"}) {
                Trial trial;
                trial.cell = "site/" + kWays[way].name + "/" + load;
                trial.block = block;
                trial.requests = 100;
                const double noise = 1 + 0.002 * static_cast<double>((block * 7 + way * 3) % 5);
                trial.engine_ns = static_cast<uint64_t>(cpu[way] * noise * 100'000);
                trial.elapsed_ns = 2 * trial.engine_ns;
                trial.latency_ns.add(2 * trial.engine_ns / 100);
                trial.crossings.of[0].calls = 300;
                all.push_back(std::move(trial));
            }
    return all;
}

TEST(SiteAdvice, NamesTheWayThatCostsLess) {
    const auto results = resultsOf(kWays, trials({100, 100, 50}), 1);
    EXPECT_NEAR(results[2].cpu.value, 0.5, 0.01);
    EXPECT_NEAR(results[2].throughput.value, 2, 0.04);
    EXPECT_DOUBLE_EQ(results[2].calls, 3);
    const std::string advice = wayAdvice(results);
    EXPECT_THAT(advice, HasSubstr("% less CPU per request"));
    EXPECT_THAT(advice, HasSubstr("% more requests per second"));
    EXPECT_THAT(advice, HasSubstr("Best: cgi (plugin = \"cgi\")"));
}

TEST(SiteAdvice, LeavesTheSiteAsItIsWhenOthersCostMore) {
    const std::string advice = wayAdvice(resultsOf(kWays, trials({100, 100, 150}), 1));
    EXPECT_THAT(advice, HasSubstr("% more CPU per request"));
    EXPECT_THAT(advice, HasSubstr("Leave it as it is"));
}

TEST(SiteAdvice, SeesNothingWhereThereIsNothing) {
    const std::string advice = wayAdvice(resultsOf(kWays, trials({100, 100, 100}), 1));
    EXPECT_THAT(advice, HasSubstr("cgi: no difference in CPU that this run can see"));
    EXPECT_THAT(advice, Not(HasSubstr("Best")));
}

TEST(SiteAdvice, LeavesOutWhatWasRejectedAndSaysSo) {
    auto all = trials({100, 100, 50});
    for (Trial& trial : all) trial.rejected = {"it rained"};
    const auto results = resultsOf(kWays, all, 1);
    EXPECT_EQ(results[0].trials, 0u);
    EXPECT_EQ(results[0].rejected, 12u);
    EXPECT_THAT(wayAdvice(results), HasSubstr("Nothing can be advised"));
    EXPECT_THAT(wayTable(results), HasSubstr("cgi"));
}

}  // namespace
}  // namespace turnpike::measure
