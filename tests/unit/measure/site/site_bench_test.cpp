#include "measure/site/site_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;

TEST(OtherPage, IsOneOfAnotherLength) {
    const Bodies now{1000, 1010};
    EXPECT_EQ(whyOtherPage(now, {1000, 1000}), "");
    EXPECT_EQ(whyOtherPage(now, {980, 1030}), "");  // a fiftieth
    EXPECT_THAT(whyOtherPage(now, {979, 1000}), HasSubstr("it has 979 to 1000 bytes, and 1000 to 1010 bytes"));
    EXPECT_THAT(whyOtherPage(now, {1031, 1031}), HasSubstr("it has 1031 bytes"));
    EXPECT_EQ(whyOtherPage({0, 0}, {0, 0}), "");
    EXPECT_NE(whyOtherPage({0, 0}, {1, 1}), "");
}

TEST(SitePlans, AreEachWayAndTheOneOfNowAgainUnderBothLoads) {
    Admitted admitted;
    admitted.bodies = {1000, 1000};
    admitted.ways.resize(2);
    admitted.ways[0].name = "a";
    admitted.ways[1].name = "b";
    const std::vector<Plan> plans = plansOf(admitted, "/page?x");
    std::vector<std::string> keys;
    for (const Plan& plan : plans) {
        keys.push_back(plan.cell.key);
        EXPECT_EQ(plan.paths, std::vector<std::string>{"/page?x"});
        EXPECT_EQ(plan.shortest_body, 980u);
        EXPECT_EQ(plan.longest_body, 1020u);
    }
    EXPECT_THAT(keys, testing::ElementsAre("site/a/single", "site/b/single", "site/again/single",
                                           "site/a/saturation", "site/b/saturation", "site/again/saturation"));
}

}  // namespace
}  // namespace turnpike::measure
