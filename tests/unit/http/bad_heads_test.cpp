// Every bad head with its status, and the same result however the input is split.
#include <gtest/gtest.h>

#include "heads.h"
#include "parse.h"

namespace turnpike::http {
namespace {

std::string shown(const std::string& input) { return testing::PrintToString(input.substr(0, 300)); }

TEST(BadHead, IsRefusedWithItsStatus) {
    EXPECT_GE(badHeads().size(), 120u);
    for (const BadHead& bad : badHeads()) {
        const Parsed parsed = parse(bad.input);
        EXPECT_EQ(parsed.result.state, Parse::Refused) << shown(bad.input);
        EXPECT_EQ(parsed.status(), bad.status) << shown(bad.input) << ": " << parsed.result.reason;
        EXPECT_STRNE(parsed.result.reason, "") << shown(bad.input);
    }
}

TEST(BadHead, IsRefusedAlikeByteByByte) {
    for (const BadHead& bad : badHeads()) {
        if (bad.input.size() > 1000) continue;
        EXPECT_EQ(parseSplit(bad.input, everyByte(bad.input.size())).describe(), parse(bad.input).describe())
            << shown(bad.input);
    }
}

TEST(BadHead, IsRefusedAlikeInAnyTwoParts) {
    for (const BadHead& bad : badHeads()) {
        const std::string whole = parse(bad.input).describe();
        const size_t step = bad.input.size() > 1000 ? 997 : 1;
        for (size_t at = 0; at <= bad.input.size(); at += step) {
            ASSERT_EQ(parseSplit(bad.input, {at, bad.input.size()}).describe(), whole) << shown(bad.input) << at;
        }
    }
}

TEST(GoodHead, IsReadAlikeInAnySplit) {
    for (const std::string& head : goodHeads()) {
        const Parsed whole = parse(head);
        ASSERT_EQ(whole.result.state, Parse::Complete) << shown(head) << whole.result.reason;
        EXPECT_EQ(whole.result.consumed, head.size());
        EXPECT_EQ(parseSplit(head, everyByte(head.size())).describe(), whole.describe()) << shown(head);
        for (size_t first = 0; first <= head.size(); ++first) {
            for (size_t second = first; second <= head.size(); second += 3) {
                ASSERT_EQ(parseSplit(head, {first, second, head.size()}).describe(), whole.describe())
                    << shown(head);
            }
        }
    }
}

TEST(GoodHead, IsIncompleteAtEveryPrefix) {
    for (const std::string& head : goodHeads()) {
        for (size_t size = 0; size < head.size(); ++size) {
            ASSERT_EQ(parse(head.substr(0, size)).result.state, Parse::Incomplete) << shown(head) << size;
        }
    }
}

/// A good head must not survive the loss or the doubling of a CR, LF, colon or the first space of its structure.
TEST(GoodHead, IsRefusedWithoutOneByteOfItsLineEnds) {
    for (const std::string& head : goodHeads()) {
        const size_t begin = head.find_first_not_of("\r\n");
        for (size_t at = begin; at + 4 < head.size(); ++at) {
            if (head[at] != '\r') continue;
            std::string bad = head;
            EXPECT_EQ(parse(bad.erase(at, 1)).status(), 400u) << shown(bad);
            bad = head;
            EXPECT_EQ(parse(bad.erase(at + 1, 1)).status(), 400u) << shown(bad);
            bad = head;
            EXPECT_EQ(parse(bad.insert(at, 1, '\r')).status(), 400u) << shown(bad);
        }
    }
}

}  // namespace
}  // namespace turnpike::http
