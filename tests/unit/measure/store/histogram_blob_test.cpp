#include "measure/store/histogram_blob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/histogram_code.h"

namespace turnpike::measure {
namespace {
using ::testing::HasSubstr;

Histogram spread(size_t values) {
    Histogram histogram;
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> latency(11, 0.4);
    for (size_t i = 0; i < values; ++i) histogram.add(static_cast<uint64_t>(latency(random)));
    return histogram;
}

std::string refusal(const std::string& blob) {
    auto read = fromBlob(blob);
    return read ? "taken" : read.error().text;
}

TEST(HistogramBlob, GivesBackWhatItTook) {
    const Histogram histogram = spread(20'000);
    auto read = fromBlob(toBlob(histogram));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(encode(*read), encode(histogram));
    EXPECT_EQ(fromBlob(toBlob(Histogram()))->count(), 0u);
}

TEST(HistogramBlob, TakesFewBytes) {
    EXPECT_LT(toBlob(Histogram()).size(), 32u);
    EXPECT_LT(toBlob(spread(20'000)).size(), 8'000u);
}

TEST(HistogramBlob, RefusesEveryShorterForm) {
    const std::string whole = toBlob(spread(300));
    for (size_t size = 0; size < whole.size(); ++size)
        EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("not a histogram")) << size;
}

TEST(HistogramBlob, RefusesEveryChangedBit) {
    std::string blob = toBlob(spread(100));
    for (size_t bit = 0; bit < blob.size() * 8; ++bit) {
        auto mask = static_cast<char>(1u << (bit % 8));
        blob[bit / 8] = static_cast<char>(blob[bit / 8] ^ mask);
        EXPECT_THAT(refusal(blob), HasSubstr("its checksum is wrong")) << "bit " << bit;
        blob[bit / 8] = static_cast<char>(blob[bit / 8] ^ mask);
    }
}

}  // namespace
}  // namespace turnpike::measure
