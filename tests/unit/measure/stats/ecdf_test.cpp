#include "measure/stats/ecdf.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace turnpike::measure {
namespace {

Histogram oneToHundred(uint64_t factor) {
    Histogram histogram(1'000'000);
    for (uint64_t i = 1; i <= 100; ++i) histogram.add(i * factor);
    return histogram;
}

TEST(Ecdf, IsExactWhereBlocksAgree) {
    Histogram all = oneToHundred(1);
    std::vector<const Histogram*> blocks(6, &all);
    auto curve = ecdf(Draws(6, 1), blocks, std::array<double, 3>{50, 99, 100});
    ASSERT_EQ(curve.size(), 3u);
    EXPECT_DOUBLE_EQ(curve[0].value.value, 50);
    EXPECT_DOUBLE_EQ(curve[1].value.value, 99);
    EXPECT_DOUBLE_EQ(curve[2].value.value, 100);
    EXPECT_DOUBLE_EQ(curve[1].value.low, curve[1].value.high);
}

TEST(Ecdf, HasABandAsWideAsBlocksDiffer) {
    Histogram fast = oneToHundred(1), slow = oneToHundred(2);
    std::vector<const Histogram*> blocks{&fast, &slow, &fast, &slow, &fast, &slow};
    auto curve = ecdf(Draws(6, 1), blocks, std::array<double, 1>{50});
    EXPECT_DOUBLE_EQ(curve[0].value.value, 75);
    EXPECT_NEAR(curve[0].value.high - 75, 2.571 * std::sqrt(750.0 / 6), 0.6);  // sample variance 750
}

}  // namespace
}  // namespace turnpike::measure
