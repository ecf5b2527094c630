#include "measure/report/words.h"

#include <gtest/gtest.h>

namespace turnpike::measure::report {
namespace {

TEST(Words, NameACellByItsFactorsInTheOrderOfItsKey) {
    Cell cell;
    cell.key = "E5/php-fpm/unix/kept/1024/single";
    cell.factors = {{"backend", "php-fpm"}, {"transport", "unix"}, {"connection", "kept"}, {"body", "1024"}};
    EXPECT_EQ(labelOf(cell), "php-fpm, unix, kept, 1 KiB");
    EXPECT_EQ(labelOf(cell, {"transport", "body"}), "php-fpm, kept");
    EXPECT_EQ(labelOf(cell, {"backend", "transport", "connection", "body"}), "all else equal");
}

TEST(Words, TellFactorsOfTheSameValueApart) {
    Cell cell;
    cell.key = "E5/in-process/none/none/512/single";
    cell.factors = {{"backend", "in-process"}, {"transport", "none"}, {"connection", "none"}, {"body", "512"}};
    EXPECT_EQ(labelOf(cell), "in-process, 512 bytes");
}

TEST(Words, SayWhatANumberIsOf) {
    EXPECT_EQ(valueText("queries", "1"), "1 query");
    EXPECT_EQ(valueText("queries", "20"), "20 queries");
    EXPECT_EQ(valueText("size", "1048576"), "1 MiB");
    EXPECT_EQ(valueText("filter", "none"), "no filter");
    EXPECT_EQ(countText(1, "trial"), "1 trial");
    EXPECT_EQ(countText(0, "trial"), "0 trials");
}

TEST(Words, GroupTheDigitsOfLargeNumbers) {
    EXPECT_EQ(tickText(0), "0");
    EXPECT_EQ(tickText(0.25), "0.25");
    EXPECT_EQ(tickText(5000), "5000");
    EXPECT_EQ(tickText(20'000), "20\u202F000");
    EXPECT_EQ(tickText(1'500'000), "1\u202F500\u202F000");
    EXPECT_EQ(number({12'345.6, 12'000, 13'000, 6}), "12\u202F346 <small>12\u202F000 to 13\u202F000</small>");
    EXPECT_EQ(number({}), "–");
}

TEST(Words, WriteTimesInUtc) {
    EXPECT_EQ(timeText(0), "1970-01-01 00:00 UTC");
    EXPECT_EQ(timeText(1'709'164'740'999), "2024-02-28 23:59 UTC");
    EXPECT_EQ(timeText(1'709'164'800'000), "2024-02-29 00:00 UTC");
}

TEST(Words, MakeIdsOfWhatTheyName) { EXPECT_EQ(slug("E5: php-fpm, <unix>"), "e5-php-fpm-unix-"); }

}  // namespace
}  // namespace turnpike::measure::report
