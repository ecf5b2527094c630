// Patterns, templates and maps by themselves.
#include "rewrite/pattern.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "rewrite/map.h"

namespace turnpike::rewrite {
namespace {

TEST(RewritePattern, FindsGroupsAndNames) {
    const Pattern pattern("^/(?<year>\\d{4})/(x)?(.*)$", {.is_utf = true});
    Captures captures;
    ASSERT_EQ(pattern.find("/2024/caf\xc3\xa9", captures), Found::Yes);
    EXPECT_EQ(captures, (Captures{"/2024/caf\xc3\xa9", "2024", "", "caf\xc3\xa9"}));
    ASSERT_EQ(pattern.names().size(), 1u);
    EXPECT_EQ(pattern.names()[0], std::pair(std::string("year"), size_t{1}));
    EXPECT_EQ(pattern.find("/24/", captures), Found::No);
}

TEST(RewritePattern, GivesUpWhereItWouldTryForever) {
    Captures captures;
    EXPECT_EQ(Pattern("^(a|aa|a?)+$", {}).find(std::string(4000, 'a') + "b", captures), Found::TooMuch);
    EXPECT_EQ(Pattern("^a+$", {}).find(std::string(4000, 'a'), captures), Found::Yes);
}

TEST(RewritePattern, SaysWhatIsWrong) {
    auto wrong = [](const std::string& text) {
        try {
            Pattern pattern(text, {});
        } catch (const std::invalid_argument& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    EXPECT_EQ(wrong("^/(x"), "missing closing parenthesis at character 5");
    EXPECT_NE(wrong(std::string(5000, 'x')).find("4096"), std::string::npos);
    std::string groups;
    for (int i = 0; i < 100; ++i) groups += "(x)";
    EXPECT_NE(wrong(groups).find("99 groups"), std::string::npos);
}

TEST(RewriteMap, ReadsLines) {
    Map map;
    map.addLines("# old to new\n\n/a   /b?x=1 2\n\t/c\t/d\r\n/e /f", "file");
    EXPECT_EQ(*map.find("/a"), "/b?x=1 2");
    EXPECT_EQ(*map.find("/c"), "/d");
    EXPECT_EQ(*map.find("/e"), "/f");
    EXPECT_EQ(map.find("#"), nullptr);
    EXPECT_EQ(map.find(""), nullptr);
}

}  // namespace
}  // namespace turnpike::rewrite
