#include "sdk/support/conditional.h"

#include <gtest/gtest.h>

#include "request_fields.h"

namespace turnpike::support {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr int64_t kModified = 784111777;
constexpr const char* kSame = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr Validators kStrong{"\"abc\"", kModified};
constexpr Validators kWeak{"W/\"abc\"", kModified};

Precondition check(RequestFields::List fields, const Validators& validators = kStrong,
                   int32_t method = TP_METHOD_GET) {
    return checkPreconditions(RequestFields(std::move(fields), method).view(), validators);
}

bool ranged(RequestFields::List fields, const Validators& validators = kStrong, int32_t method = TP_METHOD_GET) {
    fields.emplace_back("range", "bytes=0-1");
    return isRangeWanted(RequestFields(std::move(fields), method).view(), validators);
}

}  // namespace

TEST(Preconditions, ProceedWithoutAny) { EXPECT_EQ(check({}), Precondition::Proceed); }

TEST(Preconditions, IfMatchComparesStrongly) {
    const struct {
        const char* value;
        Precondition with_strong, with_weak;
    } cases[] = {
        {"\"abc\"", Precondition::Proceed, Precondition::Failed},
        {"W/\"abc\"", Precondition::Failed, Precondition::Failed},
        {"\"x\", \"abc\"", Precondition::Proceed, Precondition::Failed},
        {"\"x\",,\t\"y\" ,\"abc\"", Precondition::Proceed, Precondition::Failed},
        {"\"a,\", \"abc\"", Precondition::Proceed, Precondition::Failed},
        {"*", Precondition::Proceed, Precondition::Proceed},
        {"\"x\"", Precondition::Failed, Precondition::Failed},
        {"\"ABC\"", Precondition::Failed, Precondition::Failed},
        {"abc", Precondition::Failed, Precondition::Failed},
        {"\"abc", Precondition::Failed, Precondition::Failed},
        {"w/\"abc\"", Precondition::Failed, Precondition::Failed},
        {"", Precondition::Failed, Precondition::Failed},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(check({{"if-match", c.value}}, kStrong), c.with_strong) << c.value;
        EXPECT_EQ(check({{"if-match", c.value}}, kWeak), c.with_weak) << c.value;
    }
}

TEST(Preconditions, IfNoneMatchComparesWeakly) {
    for (const char* value : {"\"abc\"", "W/\"abc\"", "\"x\", W/\"abc\"", "*", "\"x\"  ,\"abc\"", " * "}) {
        EXPECT_EQ(check({{"if-none-match", value}}, kStrong), Precondition::NotModified) << value;
        EXPECT_EQ(check({{"if-none-match", value}}, kWeak), Precondition::NotModified) << value;
    }
    for (const char* value : {"\"x\"", "abc", "\"abc", "", "\"x\", *", "garbage \"abc\""})
        EXPECT_EQ(check({{"if-none-match", value}}), Precondition::Proceed) << value;
}

TEST(Preconditions, FieldLinesOfOneNameAreOneList) {
    EXPECT_EQ(check({{"if-none-match", "\"x\""}, {"if-none-match", "\"abc\""}}), Precondition::NotModified);
    EXPECT_EQ(check({{"if-match", "\"x\""}, {"if-match", "\"abc\""}}), Precondition::Proceed);
}

TEST(Preconditions, IfModifiedSinceComparesSeconds) {
    EXPECT_EQ(check({{"if-modified-since", kBefore}}), Precondition::Proceed);
    EXPECT_EQ(check({{"if-modified-since", kSame}}), Precondition::NotModified);
    EXPECT_EQ(check({{"if-modified-since", kAfter}}), Precondition::NotModified);
    EXPECT_EQ(check({{"if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT"}}), Precondition::NotModified);
}

TEST(Preconditions, IfUnmodifiedSinceComparesSeconds) {
    EXPECT_EQ(check({{"if-unmodified-since", kBefore}}), Precondition::Failed);
    EXPECT_EQ(check({{"if-unmodified-since", kSame}}), Precondition::Proceed);
    EXPECT_EQ(check({{"if-unmodified-since", kAfter}}), Precondition::Proceed);
}

TEST(Preconditions, IgnoreWhatIsNoDate) {
    EXPECT_EQ(check({{"if-modified-since", "yesterday"}}), Precondition::Proceed);
    EXPECT_EQ(check({{"if-unmodified-since", "0"}}), Precondition::Proceed);
}

TEST(Preconditions, FollowTheOrderOfTheStandard) {
    const struct {
        RequestFields::List fields;
        Precondition expected;
    } cases[] = {
        // 1 and 2: If-Match hides If-Unmodified-Since.
        {{{"if-match", "\"abc\""}, {"if-unmodified-since", kBefore}}, Precondition::Proceed},
        {{{"if-match", "\"x\""}, {"if-unmodified-since", kAfter}}, Precondition::Failed},
        // 412 comes before 304.
        {{{"if-match", "\"x\""}, {"if-none-match", "\"abc\""}}, Precondition::Failed},
        {{{"if-unmodified-since", kBefore}, {"if-modified-since", kSame}}, Precondition::Failed},
        {{{"if-match", "\"abc\""}, {"if-none-match", "\"abc\""}}, Precondition::NotModified},
        // 3 and 4: If-None-Match hides If-Modified-Since.
        {{{"if-none-match", "\"x\""}, {"if-modified-since", kSame}}, Precondition::Proceed},
        {{{"if-none-match", "\"abc\""}, {"if-modified-since", kBefore}}, Precondition::NotModified},
        {{{"if-unmodified-since", kSame}, {"if-modified-since", kSame}}, Precondition::NotModified},
    };
    for (const auto& c : cases) EXPECT_EQ(check(c.fields), c.expected) << &c - cases;
}

TEST(Preconditions, HeadIsTreatedAsGet) {
    EXPECT_EQ(check({{"if-none-match", "*"}}, kStrong, TP_METHOD_HEAD), Precondition::NotModified);
    EXPECT_EQ(check({{"if-modified-since", kSame}}, kStrong, TP_METHOD_HEAD), Precondition::NotModified);
}

TEST(Preconditions, OtherMethodsFailInsteadOfNotModified) {
    EXPECT_EQ(check({{"if-none-match", "*"}}, kStrong, TP_METHOD_PUT), Precondition::Failed);
    EXPECT_EQ(check({{"if-modified-since", kSame}}, kStrong, TP_METHOD_PUT), Precondition::Proceed);
}

TEST(IfRange, AllowsRangesOfTheSameRepresentationOnly) {
    EXPECT_TRUE(ranged({}));
    EXPECT_TRUE(ranged({{"if-range", "\"abc\""}}));
    EXPECT_FALSE(ranged({{"if-range", "\"x\""}}));
    EXPECT_FALSE(ranged({{"if-range", "W/\"abc\""}}));
    EXPECT_FALSE(ranged({{"if-range", "W/\"abc\""}}, kWeak));
    EXPECT_FALSE(ranged({{"if-range", "\"abc\""}}, kWeak));
    EXPECT_TRUE(ranged({{"if-range", kSame}}));
    EXPECT_FALSE(ranged({{"if-range", kBefore}}));
    EXPECT_FALSE(ranged({{"if-range", kAfter}}));
    EXPECT_FALSE(ranged({{"if-range", "nonsense"}}));
}

TEST(IfRange, IsNothingWithoutAGetForARange) {
    EXPECT_FALSE(ranged({}, kStrong, TP_METHOD_HEAD));
    EXPECT_FALSE(ranged({}, kStrong, TP_METHOD_POST));
    EXPECT_FALSE(isRangeWanted(RequestFields(RequestFields::List{{"if-range", "\"abc\""}}).view(), kStrong));
}

}  // namespace turnpike::support
