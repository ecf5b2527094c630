#include "measure/analysis/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace turnpike::measure {
namespace {

TEST(Text, WritesThreeSignificantDigits) {
    EXPECT_EQ(figure(12.345), "12.3");
    EXPECT_EQ(figure(1.2345), "1.23");
    EXPECT_EQ(figure(123.45), "123");
    EXPECT_EQ(figure(12345.6), "12346");
    EXPECT_EQ(figure(0.0045678), "0.00457");
    EXPECT_EQ(figure(-2.5), "-2.50");
    EXPECT_EQ(figure(0), "0");
    EXPECT_EQ(figure(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Text, WritesIntervalsOrThatThereIsNone) {
    Estimate estimate{1.042, 1.031, 1.053, 10};
    EXPECT_EQ(withInterval(estimate, "us"), "1.04 us (1.03 to 1.05)");
    EXPECT_EQ(change(estimate), "4.2 % (3.1 to 5.3)");
    EXPECT_EQ(share({0.978, 0.971, 0.984, 10}), "97.8 % (97.1 to 98.4)");
    EXPECT_EQ(change({0.9999, 0.99, 1.01, 10}), "0.0 % (-1.0 to 1.0)");
    EXPECT_EQ(withInterval({}, "us"), "not measured");
    EXPECT_EQ(change({}), "not measured");
    EXPECT_EQ(share({}), "not measured");
}

TEST(Text, NamesSizesAsPeopleDo) {
    EXPECT_EQ(sizeText(512), "512 bytes");
    EXPECT_EQ(sizeText(4096), "4 KiB");
    EXPECT_EQ(sizeText(1048576), "1 MiB");
}

struct Named {
    const char* experiment;
    std::map<std::string, std::string> factors;
    const char* content;
};

TEST(Text, NamesContentsAsPeopleDo) {
    for (const auto& [experiment, factors, content] : {
             Named{"E1",
                   {{"size", "4096"}, {"send", "read"}, {"connection", "close"}},
                   "static 4 KiB (read, connection close)"},
             Named{"E3", {{"client", "garbage"}}, "garbage in place of requests"},
             Named{"E3", {{"client", "fast"}}, "valid requests"},
             Named{"E4", {{"program", "php-cgi"}}, "CGI (php-cgi)"},
             Named{"E5",
                   {{"backend", "php-fpm"}, {"transport", "tcp"}, {"connection", "new"}, {"body", "512"}},
                   "PHP by php-fpm (tcp, connection new, 512 bytes)"},
             Named{"E5", {{"backend", "in-process"}, {"body", "512"}}, "512 bytes by a plugin"},
             Named{
                 "E7",
                 {{"database", "sqlite"}, {"connection", "per-request"}, {"statement", "text"}, {"queries", "20"}},
                 "PHP with 20 queries (SQLite, per-request, text)"},
             Named{"E9", {{"dynamic", "30"}, {"page", "php-db"}}, "30 % PHP pages with queries, the rest static"},
             Named{"E0", {}, "E0/key"},
         })
        EXPECT_EQ(contentOf({std::string(experiment) + "/key", experiment, "", factors, LoadKind::Single}),
                  content);
}

TEST(Text, NamesTheMachineByItsFacts) {
    EXPECT_EQ(machineOf({{"hypervisor", "KVM"}, {"governor", "unknown"}, {"kernel", "Linux 6.1"}, {"cpu", "Z80"}}),
              "Linux 6.1, Z80, KVM");
    EXPECT_EQ(machineOf({{"hypervisor", "none"}, {"cpu", "unknown"}, {"kernel", "Linux 6.1"}}), "Linux 6.1");
    EXPECT_EQ(machineOf({}), "a machine without a fingerprint");
}

}  // namespace
}  // namespace turnpike::measure
