#include "sdk/support/http_date.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace turnpike::support {
namespace {

constexpr int64_t kNow = 1764000000;  // November 2025

std::string format(int64_t moment) {
    std::string text(kHttpDateSize, '\0');
    formatHttpDate(moment, text.data());
    return text;
}

}  // namespace

TEST(HttpDate, FormatsTheExampleOfTheStandard) { EXPECT_EQ(format(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(HttpDate, FormatsEdgesOfTheCalendar) {
    EXPECT_EQ(format(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(format(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    EXPECT_EQ(format(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    EXPECT_EQ(format(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
}

TEST(HttpDate, FormatsAsTheSystemLibraryDoes) {
    for (int64_t moment = -62167219200; moment < 253402300800; moment += 86400 * 97 + 7919) {
        const time_t seconds = moment;
        tm parts{};
        gmtime_r(&seconds, &parts);
        char expected[64];
        strftime(expected, sizeof expected, "%a, %d %b ", &parts);
        char year_and_time[64];
        snprintf(year_and_time, sizeof year_and_time, "%04d %02d:%02d:%02d GMT", parts.tm_year + 1900,
                 parts.tm_hour, parts.tm_min, parts.tm_sec);
        ASSERT_EQ(format(moment), std::string(expected) + year_and_time) << moment;
    }
}

TEST(HttpDate, StaysAValidDateOutsideOfFourDigitYears) {
    EXPECT_EQ(format(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    EXPECT_EQ(format(INT64_MIN), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(HttpDate, ParsesAllThreeForms) {
    EXPECT_EQ(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT", kNow), 784111777);
    EXPECT_EQ(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", kNow), 784111777);
    EXPECT_EQ(parseHttpDate("Sun Nov  6 08:49:37 1994", kNow), 784111777);
    EXPECT_EQ(parseHttpDate("Wed Nov 16 08:49:37 1994", kNow), 784111777 + 10 * 86400);
}

TEST(HttpDate, ParsesWhatItFormats) {
    for (int64_t moment = -62167219200; moment < 253402300800; moment += 86400 * 313 + 3571)
        ASSERT_EQ(parseHttpDate(format(moment), kNow), moment);
}

TEST(HttpDate, PlacesTwoDigitYearsAtMostFiftyYearsAhead) {
    EXPECT_EQ(format(*parseHttpDate("Tuesday, 01-Jan-75 00:00:00 GMT", kNow)).substr(12, 4), "2075");
    EXPECT_EQ(format(*parseHttpDate("Wednesday, 31-Dec-75 00:00:00 GMT", kNow)).substr(12, 4), "1975");
    EXPECT_EQ(format(*parseHttpDate("Thursday, 01-Jan-76 00:00:00 GMT", kNow)).substr(12, 4), "1976");
    EXPECT_EQ(format(*parseHttpDate("Saturday, 01-Jan-00 00:00:00 GMT", kNow)).substr(12, 4), "2000");
}

TEST(HttpDate, TakesALeapSecondAsTheNextSecond) {
    EXPECT_EQ(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT", kNow), 1483228800);
}

TEST(HttpDate, RefusesWhatIsNoDate) {
    const char* bad[] = {"",
                         "0",
                         "Sun, 06 Nov 1994 08:49:37 UTC",
                         "Sun, 06 Nov 1994 08:49:37 +0000",
                         "Sun, 6 Nov 1994 08:49:37 GMT",
                         "Sun, 06 nov 1994 08:49:37 GMT",
                         "Xxx, 06 Nov 1994 08:49:37 GMT",
                         "Sun, 00 Nov 1994 08:49:37 GMT",
                         "Sun, 31 Nov 1994 08:49:37 GMT",
                         "Tue, 29 Feb 1994 08:49:37 GMT",
                         "Sun, 06 Nov 1994 24:49:37 GMT",
                         "Sun, 06 Nov 1994 08:60:37 GMT",
                         "Sun, 06 Nov 1994 08:49:61 GMT",
                         "Sun, 06 Nov 1994 08:49:37 GMT ",
                         "Sun, 06 Nov 19x4 08:49:37 GMT",
                         "Sunday, 06-Nov-1994 08:49:37 GMT",
                         "Sunday, 06-Nov-94 08:49:37",
                         "Sun Nov 6 08:49:37 1994",
                         "Sun Nov  6 08:49:37 94",
                         "Sun Nov  6 08:49:37 1994 GMT"};
    for (const char* text : bad) EXPECT_FALSE(parseHttpDate(text, kNow)) << text;
}

TEST(HttpDate, RefusesEveryPrefixOfADate) {
    for (std::string_view whole :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
        for (size_t size = 0; size < whole.size(); ++size)
            EXPECT_FALSE(parseHttpDate(whole.substr(0, size), kNow)) << whole.substr(0, size);
}

}  // namespace turnpike::support
