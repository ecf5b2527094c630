#include "sdk/support/ranges.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace turnpike::support {

void PrintTo(const ByteRange& range, std::ostream* out) { *out << range.first << '-' << range.last; }

namespace {

using List = std::vector<ByteRange>;

List partsOf(const RangeSet& set) {
    return {set.ranges.begin(), set.ranges.begin() + static_cast<ptrdiff_t>(set.count)};
}

}  // namespace

TEST(Ranges, FindsTheParts) {
    const struct {
        const char* value;
        List expected;
    } cases[] = {
        {"bytes=0-0", {{0, 0}}},
        {"bytes=0-99", {{0, 99}}},
        {"bytes=0-1000", {{0, 99}}},
        {"bytes=10-", {{10, 99}}},
        {"bytes=99-", {{99, 99}}},
        {"bytes=-1", {{99, 99}}},
        {"bytes=-100", {{0, 99}}},
        {"bytes=-1000", {{0, 99}}},
        {"Bytes=1-2", {{1, 2}}},
        {"bytes=1-2,", {{1, 2}}},
        {"bytes= 1-2 ,\t4-5", {{1, 2}, {4, 5}}},
        {"bytes=50-59,10-19", {{50, 59}, {10, 19}}},
        {"bytes=1-2,200-300", {{1, 2}}},
        {"bytes=-0,1-2", {{1, 2}}},
        {"bytes=0-18446744073709551615", {{0, 99}}},
        {"bytes=0-99999999999999999999999999", {{0, 99}}},
        {"bytes=-99999999999999999999999999", {{0, 99}}},
    };
    for (const auto& c : cases) {
        const RangeSet set = parseRanges(c.value, 100);
        EXPECT_EQ(set.answer, RangeAnswer::Partial) << c.value;
        EXPECT_EQ(partsOf(set), c.expected) << c.value;
    }
}

TEST(Ranges, JoinsOverlapsAtThePlaceOfTheEarliest) {
    const struct {
        const char* value;
        List expected;
    } cases[] = {
        {"bytes=0-9,5-14", {{0, 14}}},
        {"bytes=5-14,0-9", {{0, 14}}},
        {"bytes=0-,0-,0-", {{0, 99}}},
        {"bytes=80-89,0-9,5-14", {{80, 89}, {0, 14}}},
        {"bytes=0-9,80-89,5-14", {{0, 14}, {80, 89}}},
        {"bytes=0-9,20-29,40-49,5-44", {{0, 49}}},
        {"bytes=90-99,0-9,20-29,8-21", {{90, 99}, {0, 29}}},
        {"bytes=20-29,90-99,0-9,8-21", {{0, 29}, {90, 99}}},
        {"bytes=0-9,10-19", {{0, 9}, {10, 19}}},
    };
    for (const auto& c : cases) EXPECT_EQ(partsOf(parseRanges(c.value, 100)), c.expected) << c.value;
}

TEST(Ranges, AsksForTheWholeWhenItCannotBeUnderstood) {
    for (const char* value :
         {"",          "bytes",         "bytes=",    "bytes=,",    "bytes=-",       "bytes=a-b",  "bytes=1-2-3",
          "bytes=5-2", "bytes=0-9,5-2", "bytes=1",   "bytes =0-1", "bytes=0 - 1",   "bytes=+1-2", "bytes=0x1-2",
          "bytes=--1", "lines=0-1",     "items 0-1", "bytes:0-1",  "bytes=0-1;2-3", "=0-1"})
        EXPECT_EQ(parseRanges(value, 100).answer, RangeAnswer::Whole) << value;
}

TEST(Ranges, RefusesWhatLiesBeyondTheEnd) {
    for (const char* value :
         {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=200-300,400-", "bytes=99999999999999999999999-"})
        EXPECT_EQ(parseRanges(value, 100).answer, RangeAnswer::Unsatisfiable) << value;
}

TEST(Ranges, OfNothingAreUnsatisfiableButForASuffix) {
    EXPECT_EQ(parseRanges("bytes=0-", 0).answer, RangeAnswer::Unsatisfiable);
    EXPECT_EQ(parseRanges("bytes=0-0", 0).answer, RangeAnswer::Unsatisfiable);
    EXPECT_EQ(parseRanges("bytes=-5", 0).answer, RangeAnswer::Whole);
}

TEST(Ranges, SendsTheWholeForMoreThanSixteen) {
    std::string value = "bytes=";
    for (size_t i = 0; i < kMaxRanges; ++i) value += std::to_string(i * 2) + "-" + std::to_string(i * 2) + ",";
    EXPECT_EQ(parseRanges(value, 100).count, kMaxRanges);
    value += "90-";
    EXPECT_EQ(parseRanges(value, 100).answer, RangeAnswer::Whole);
}

TEST(Ranges, OfAThousandOverlapsSendTheWhole) {
    std::string value = "bytes=";
    for (int i = 0; i < 1000; ++i) value += "0-,";
    EXPECT_EQ(parseRanges(value, 100).answer, RangeAnswer::Whole);
}

}  // namespace turnpike::support
