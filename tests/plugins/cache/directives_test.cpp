#include "directives.h"

#include <gtest/gtest.h>

namespace turnpike::cache {
namespace {

Directives of(std::string_view value) {
    Directives directives;
    directives.add(value);
    return directives;
}

TEST(CacheDirectives, AreReadInAnyCaseAndWithoutOrder) {
    const Directives d = of(" NO-Store ,max-age=10,, Private=\"x-secret, no-cache\" ,must-revalidate");
    EXPECT_TRUE(d.no_store && d.is_private && d.must_revalidate);
    EXPECT_FALSE(d.no_cache) << "it stands inside of a quoted string";
    EXPECT_EQ(d.max_age, 10);
    EXPECT_TRUE(of("no-cache=\"set-cookie\"").no_cache);
    EXPECT_TRUE(of("public").is_public);
    EXPECT_FALSE(of("publicly, no-storex").is_public);
}

TEST(CacheDirectives, TakeTheStricterOfTwoNumbers) {
    EXPECT_EQ(of("max-age=10, max-age=5").max_age, 5);
    EXPECT_EQ(of("min-fresh=10, min-fresh=50").min_fresh, 50);
    Directives d = of("s-maxage=60");
    d.add("s-maxage=30");
    EXPECT_EQ(d.s_maxage, 30);
}

TEST(CacheDirectives, AreStrictestWhereTheyAreMalformed) {
    for (const char* bad : {"max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=\"", "max-age=1x"})
        EXPECT_EQ(of(bad).max_age, 0) << bad;
    EXPECT_EQ(of("min-fresh=x").min_fresh, kMostSeconds);
    EXPECT_EQ(of("max-stale=x").max_stale, 0);
    EXPECT_EQ(of("max-stale").max_stale, kMostSeconds);
    EXPECT_EQ(of("max-age=\"7\"").max_age, 7);
    EXPECT_EQ(of("max-age=99999999999999999999999").max_age, kMostSeconds);
    EXPECT_EQ(of("max-age=5000000000").max_age, kMostSeconds);
}

TEST(CacheDirectives, SurviveAnything) {
    for (const char* odd : {"", ",", "=", "\"", "\\", "a=\"\\", "=\"x\",max-age=3", "\"max-age=1"}) of(odd);
    EXPECT_EQ(of("=\"x\",max-age=3").max_age, 3);
}

}  // namespace
}  // namespace turnpike::cache
