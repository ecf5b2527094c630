#include "measure/stats/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace turnpike::measure {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(Random, GivesTheNumbersOfThePublishedGenerator) {
    // xoshiro256** 1.0 and splitmix64, both from the authors' C sources, seed 42.
    Random random(42);
    std::vector<uint64_t> got;
    for (int i = 0; i < 4; ++i) got.push_back(random.next());
    EXPECT_THAT(got,
                ElementsAre(0x15780b2e0c2ec716u, 0x6104d9866d113a7eu, 0xae17533239e499a1u, 0xecb8ad4703b360a1u));
}

TEST(Random, DrawsEveryIndexEquallyOften) {
    Random random(1);
    std::vector<int> met(7);
    for (int i = 0; i < 70'000; ++i) ++met[random.below(7)];
    for (int count : met) EXPECT_NEAR(count, 10'000, 400);  // four standard deviations
}

TEST(Random, DrawsAllOfAnIntervalWithoutItsEnd) {
    Random random(2);
    double sum = 0, least = 1, most = 0;
    for (int i = 0; i < 10'000; ++i) {
        double value = random.uniform();
        sum += value;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    EXPECT_NEAR(sum / 10'000, 0.5, 0.012);
    EXPECT_GE(least, 0);
    EXPECT_LT(least, 0.001);
    EXPECT_GT(most, 0.999);
    EXPECT_LT(most, 1);
}

TEST(Random, ShufflesIntoEveryOrder) {
    Random random(3);
    std::vector<int> first(3);
    for (int i = 0; i < 3000; ++i) {
        std::vector<int> items{0, 1, 2};
        random.shuffle(items);
        ++first[static_cast<size_t>(items[0])];
        std::sort(items.begin(), items.end());
        ASSERT_THAT(items, ElementsAre(0, 1, 2));
    }
    for (int count : first) EXPECT_NEAR(count, 1000, 110);
}

TEST(Random, SaysTheSameForTheSameSeedOnly) {
    auto ten = [](uint64_t seed) {
        Random random(seed);
        std::vector<uint64_t> values(10);
        std::generate(values.begin(), values.end(), [&] { return random.next(); });
        return values;
    };
    EXPECT_THAT(ten(5), ElementsAreArray(ten(5)));
    EXPECT_NE(ten(5), ten(6));
}

}  // namespace
}  // namespace turnpike::measure
