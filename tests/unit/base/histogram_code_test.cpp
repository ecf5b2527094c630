#include "base/histogram_code.h"

#include <gtest/gtest.h>

#include <random>

namespace turnpike {
namespace {

Histogram lognormal(unsigned seed, int size) {
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> shape(13, 0.5);
    Histogram h;
    for (int i = 0; i < size; ++i) h.add(static_cast<uint64_t>(shape(random)));
    return h;
}

void expectSame(const Histogram& a, const Histogram& b) {
    EXPECT_EQ(a.count(), b.count());
    EXPECT_EQ(a.smallest(), b.smallest());
    EXPECT_EQ(a.largest(), b.largest());
    EXPECT_EQ(a.mean(), b.mean());
    EXPECT_EQ(a.deviation(), b.deviation());
    for (double percent = 0; percent <= 100; percent += 0.5)
        ASSERT_EQ(a.percentile(percent), b.percentile(percent)) << percent;
}

TEST(HistogramCode, GivesBackWhatItWasGiven) {
    Histogram extremes(UINT32_MAX);
    extremes.add(0);
    extremes.add(UINT32_MAX);
    for (const Histogram& h : {Histogram(), Histogram(1000), extremes, lognormal(1, 1), lognormal(2, 50'000)}) {
        auto back = decodeHistogram(encode(h));
        ASSERT_TRUE(back) << back.error().text;
        expectSame(*back, h);
        EXPECT_EQ(encode(*back), encode(h));
    }
}

TEST(HistogramCode, WhatWasDecodedGoesOnCountingAndMerging) {
    Histogram whole = lognormal(3, 1000);
    auto half = decodeHistogram(encode(lognormal(3, 1000)));
    ASSERT_TRUE(half);
    half->merge(lognormal(4, 500));
    whole.merge(lognormal(4, 500));
    half->add(7);
    whole.add(7);
    expectSame(*half, whole);
}

TEST(HistogramCode, IsSmall) {
    EXPECT_LT(encode(Histogram()).size(), 20u);
    EXPECT_LT(encode(lognormal(5, 50'000)).size(), 3 * lognormal(5, 50'000).content().buckets.size());
}

TEST(HistogramCode, RefusesEveryCut) {
    std::string bytes = encode(lognormal(6, 200));
    for (size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decodeHistogram(std::string_view(bytes).substr(0, size))) << size;
}

TEST(HistogramCode, RefusesWhatIsNone) {
    std::string good = encode(lognormal(7, 200));
    std::string later = good, more = good + std::string("\x01\x01", 2), beyond = good;
    later[0] = 2;
    beyond += "\xff\xff\xff\xff\x0f\x01";
    for (const std::string& bytes :
         {std::string("nonsense"), later, more, beyond, good + std::string(11, '\xff'), std::string(12, '\xff')}) {
        auto back = decodeHistogram(bytes);
        ASSERT_FALSE(back) << bytes;
        EXPECT_TRUE(back.error().text.starts_with("not a histogram: ")) << back.error().text;
    }
}

TEST(HistogramCode, NeverBelievesDamagedBytesToBeMoreThanTheyAre) {
    std::string good = encode(lognormal(8, 300));
    for (size_t at = 0; at < good.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string bytes = good;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            auto back = decodeHistogram(bytes);
            if (!back) continue;
            EXPECT_LE(back->percentile(100), back->largest());
            EXPECT_GE(back->percentile(0), back->smallest());
        }
    }
}

}  // namespace
}  // namespace turnpike
