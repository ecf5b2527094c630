#include "base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace turnpike {
namespace {

TEST(Histogram, SaysZeroWhenEmpty) {
    Histogram h;
    EXPECT_EQ(h.count(), 0u);
    EXPECT_EQ(h.percentile(50), 0u);
    EXPECT_EQ(h.smallest(), 0u);
    EXPECT_EQ(h.mean(), 0);
}

TEST(Histogram, IsExactForSmallValues) {
    Histogram h;
    for (uint64_t v = 1; v <= 1000; ++v) h.add(v);
    EXPECT_EQ(h.percentile(0), 1u);
    EXPECT_EQ(h.percentile(50), 500u);
    EXPECT_EQ(h.percentile(99), 990u);
    EXPECT_EQ(h.percentile(100), 1000u);
    EXPECT_DOUBLE_EQ(h.mean(), 500.5);
}

TEST(Histogram, KeepsThreeSignificantDigitsAtEverySize) {
    for (uint64_t value = 1; value < uint64_t{1} << 41; value = value * 3 + 1) {
        Histogram h;
        h.add(value);
        h.add(uint64_t{1} << 42);  // so that largest() does not correct the answer
        auto got = static_cast<double>(h.percentile(50));
        EXPECT_GE(got, static_cast<double>(value));
        EXPECT_LE(got, static_cast<double>(value) * 1.001 + 1) << value;
    }
}

TEST(Histogram, KnowsBothSidesOfEveryPowerOfTwo) {
    for (unsigned bits = 1; bits < 42; ++bits) {
        for (uint64_t value : {(uint64_t{1} << bits) - 1, uint64_t{1} << bits, (uint64_t{1} << bits) + 1}) {
            Histogram h;
            h.add(value);
            EXPECT_EQ(h.percentile(50), value);
            EXPECT_EQ(h.smallest(), value);
        }
    }
}

TEST(Histogram, AgreesWithASortedList) {
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> shape(11, 2);
    std::vector<uint64_t> values;
    Histogram h;
    for (int i = 0; i < 20000; ++i) {
        values.push_back(static_cast<uint64_t>(shape(random)));
        h.add(values.back());
    }
    std::sort(values.begin(), values.end());
    for (double percent : {1.0, 25.0, 50.0, 90.0, 99.0, 99.9}) {
        auto at = static_cast<size_t>(percent / 100 * static_cast<double>(values.size()) - 1e-9);
        auto exact = static_cast<double>(values[at]);
        EXPECT_NEAR(static_cast<double>(h.percentile(percent)), exact, exact * 0.001 + 1) << percent;
    }
}

TEST(Histogram, MergesAsIfAllHadComeToOne) {
    Histogram all, left, right;
    for (uint64_t v = 1; v < 5'000'000; v += 997) {
        all.add(v);
        (v % 2 == 0 ? left : right).add(v);
    }
    left.merge(right);
    EXPECT_EQ(left.count(), all.count());
    EXPECT_EQ(left.smallest(), all.smallest());
    EXPECT_EQ(left.largest(), all.largest());
    EXPECT_NEAR(left.mean(), all.mean(), 1e-6);
    for (double percent : {10.0, 50.0, 99.0}) EXPECT_EQ(left.percentile(percent), all.percentile(percent));
}

TEST(Histogram, CountsWhatIsTooLargeAsTheHighest) {
    Histogram h(1000);
    h.add(5000);
    EXPECT_EQ(h.percentile(50), 1000u);
    EXPECT_EQ(h.largest(), 1000u);
}

TEST(Histogram, KnowsItsStandardDeviation) {
    Histogram h;
    EXPECT_EQ(h.deviation(), 0);
    for (uint64_t v : {2, 4, 4, 4, 5, 5, 7, 9}) h.add(v);
    EXPECT_DOUBLE_EQ(h.deviation(), 2);
    Histogram large;
    for (uint64_t v : {2, 4, 4, 4, 5, 5, 7, 9}) large.add(v * 1'000'000'000);
    EXPECT_NEAR(large.deviation(), 2e9, 2e6);
}

TEST(Histogram, ForgetsEverythingWhenCleared) {
    Histogram h;
    h.add(7);
    h.clear();
    EXPECT_EQ(h.count(), 0u);
    EXPECT_EQ(h.percentile(99), 0u);
}

TEST(Histogram, TakesLargerValuesAfterItWasRestored) {
    Histogram h, large;
    h.add(5);
    large.add(uint64_t{1} << 40);
    auto again = Histogram::restore(h.content());
    ASSERT_TRUE(again);
    again->add(1'000'000);
    EXPECT_EQ(again->percentile(50), 5u);
    EXPECT_EQ(again->largest(), 1'000'000u);
    again->merge(large);
    EXPECT_EQ(again->percentile(100), uint64_t{1} << 40);
    Histogram other;
    other.add(7);
    other.merge(*Histogram::restore(h.content()));
    EXPECT_EQ(other.count(), 2u);
    again->clear();
    again->add(9'000);
    EXPECT_EQ(again->count(), 1u);
}

}  // namespace
}  // namespace turnpike
