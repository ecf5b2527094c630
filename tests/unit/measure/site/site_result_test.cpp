// What is said about a site that exists only as numbers.
#include "measure/site/site_result.h"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../analysis/synthetic.h"
#include "measure/site/site_view.h"

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Level = Contrast::Level;

class Paper {
 public:
    Paper() {
        site_.name = "mine";
        choice_ = {&site_, "example.org", "/page"};
    }
    void add(const std::string& way, const Costs& costs, bool is_external = false) {
        if (way != kAgain) {
            Way& to = admitted.ways.emplace_back();
            to.name = way;
            to.what = "what " + way + " is";
            to.is_now = admitted.ways.size() == 1;
            to.is_external = is_external;
        }
        for (const char* load : {"single", "saturation"}) {
            numbers.add("site/" + way + "/" + load, {{"way", way}}, costs);
            numbers.data.cells.back().experiment = kSiteExperiment;
        }
    }
    SiteResult result() const {
        return resultOf(choice_, admitted, numbers.data.run, numbers.data.cells, numbers.data.trials);
    }

    Admitted admitted;
    Synthetic numbers;

 private:
    config::Site site_;
    Choice choice_;
};

Costs costs(double engine_us, double latency_us, double backend_calls) {
    Costs costs;
    costs.engine_us = engine_us;
    costs.backend_us = 100;
    costs.latency_us = latency_us;
    costs.calls[ledger::Class::Backend] = backend_calls;
    return costs;
}

TEST(SiteResult, FindsWhatDiffersAndNothingElse) {
    Paper paper;
    paper.add("now", costs(20, 200, 5));
    paper.add("same", costs(20, 200, 5));
    paper.add("faster", costs(10, 150, 2));
    paper.add(kAgain, costs(20, 200, 5));
    const SiteResult result = paper.result();
    ASSERT_EQ(result.ways.size(), 3u);
    EXPECT_EQ(result.ways[0].p50.level, Level::Unknown);
    EXPECT_EQ(result.ways[1].p50.level, Level::Alike);
    EXPECT_EQ(result.ways[1].cpu.level, Level::Alike);
    EXPECT_EQ(result.ways[2].p50.level, Level::Better);
    EXPECT_EQ(result.ways[2].cpu.level, Level::Better);
    EXPECT_EQ(result.ways[2].throughput.level, Level::Better);
    EXPECT_NEAR(result.ways[2].cpu.ratio.value, 110.0 / 120, 0.01);
    EXPECT_DOUBLE_EQ(result.ways[2].single.calls[static_cast<size_t>(ledger::Class::Backend)], 2);
    const std::string text = siteText(result);
    EXPECT_THAT(text, HasSubstr("* now "));
    EXPECT_THAT(text, HasSubstr("Run it by what faster is instead of what now is"));
    EXPECT_THAT(text, HasSubstr("same: cannot be told apart"));
    EXPECT_THAT(text, HasSubstr("backend 2.0 instead of 5.0"));
}

TEST(SiteResult, ClaimsNothingWithoutTheSiteAgainstItself) {
    Paper paper;
    paper.add("now", costs(20, 200, 5));
    paper.add("faster", costs(10, 150, 2));
    paper.add(kAgain, costs(20, 200, 5));
    for (Trial& trial : paper.numbers.data.trials)
        if (trial.cell.starts_with("site/again/")) trial.rejected = {"status 500"};
    const SiteResult result = paper.result();
    EXPECT_EQ(result.ways[1].p50.level, Level::Unknown);
    EXPECT_THAT(siteText(result), HasSubstr("Nothing can be advised"));
}

TEST(SiteResult, ComparesNoCpuWithABackendOfOthers) {
    Paper paper;
    paper.add("now", costs(20, 200, 5), true);
    paper.add("own", costs(10, 150, 2));
    paper.add(kAgain, costs(20, 200, 5));
    const SiteResult result = paper.result();
    EXPECT_EQ(result.ways[1].cpu.level, Level::Unknown);
    EXPECT_EQ(result.ways[1].p50.level, Level::Better);
    EXPECT_THAT(siteText(result), HasSubstr("its CPU is not known"));
}

TEST(SiteResult, CountsTrialsThatWereDisturbed) {
    Paper paper;
    paper.add("now", costs(20, 200, 5));
    paper.add(kAgain, costs(20, 200, 5));
    EXPECT_THAT(siteText(paper.result()), Not(HasSubstr("other processes")));
    paper.numbers.data.trials[0].foreign_share = 0.5;
    EXPECT_EQ(paper.result().ways[0].disturbed, 1u);
    EXPECT_THAT(siteText(paper.result()), HasSubstr("In 1 of 20 trials other processes"));
}

TEST(SiteResult, IsAnObjectForPrograms) {
    Paper paper;
    paper.add("now", costs(20, 200, 5));
    paper.add("faster", costs(10, 150, 2));
    paper.add(kAgain, costs(20, 200, 5));
    paper.admitted.left_out = {{"cgi", "php-cgi is not installed"}};
    auto object = Poco::JSON::Parser().parse(siteJson(paper.result())).extract<Poco::JSON::Object::Ptr>();
    EXPECT_EQ(object->getValue<std::string>("site"), "mine");
    EXPECT_EQ(object->getArray("left_out")->getObject(0)->getValue<std::string>("way"), "cgi");
    auto ways = object->getArray("ways");
    ASSERT_EQ(ways->size(), 2u);
    EXPECT_TRUE(ways->getObject(0)->getValue<bool>("is_now"));
    EXPECT_FALSE(ways->getObject(0)->has("against_now"));
    auto against = ways->getObject(1)->getObject("against_now")->getObject("p50");
    EXPECT_EQ(against->getValue<std::string>("level"), "better");
    EXPECT_NEAR(against->getObject("ratio")->getValue<double>("value"), 0.75, 0.01);
    EXPECT_EQ(ways->getObject(1)->getObject("crossings_per_request")->getValue<double>("backend"), 2);
}

}  // namespace
}  // namespace turnpike::measure
