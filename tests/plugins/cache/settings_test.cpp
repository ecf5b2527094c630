#include "settings.h"

#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::cache {
namespace {

TEST(CacheSettings, AreRefusedWhereTheyMakeNoSense) {
    const struct {
        const char *key, *value, *problem;
    } cases[] = {
        {"preset", "joomla", "preset: \"joomla\" is none of \"wordpress\" and \"mediawiki\""},
        {"purge_token", "short",
         "purge_token: must have at least 16 characters: whoever guesses it empties the cache"},
        {"max_object", "3MiB",
         "max_object: answers of 3145728 bytes do not fit: of `memory` = 67108864 one may take"},
        {"memory", "4KiB", "max_object: answers of 1048576 bytes do not fit: of `memory` = 4096 one may take 0"},
        {"disk", "1MiB", "disk_object: answers of 16777216 bytes do not fit: of `disk` = 1048576 one may take"},
    };
    for (const auto& c : cases) {
        fake::Host host;
        host.set(c.key, c.value);
        ASSERT_FALSE(host.load(tp_plugin_entry)) << c.key;
        EXPECT_THAT(host.problems().at(0), ::testing::StartsWith(c.problem));
    }
}

TEST(CacheSettings, RefuseListsThatCannotBeMeant) {
    for (const auto& [key, item] :
         {std::pair("personal_cookies", "a*b*"), {"harmless_cookies", ""}, {"skip_paths", "admin"}}) {
        fake::Host host;
        host.setList(key, {item});
        ASSERT_FALSE(host.load(tp_plugin_entry)) << key;
        EXPECT_THAT(host.problems().at(0), ::testing::StartsWith(std::string(key) + ": "));
    }
}

TEST_F(CacheTest, KnowsTheVisitorsOfWordPress) {
    host.set("preset", "wordpress");
    load();
    ask("/", "hello", {{"Cookie", "_ga=1; theme=dark"}});
    EXPECT_TRUE(isHit("/"));
    for (const char* cookie :
         {"wordpress_logged_in_0a=x", "wp-postpass_0a=x", "comment_author_0a=Jo", "wordpress_sec_0a=x"})
        EXPECT_FALSE(isHit("/", {{"Cookie", cookie}})) << cookie;
    for (const char* path : {"/wp-admin/", "/wp-login.php", "/wp-cron.php?doing", "/xmlrpc.php"}) {
        ask(path, "x");
        EXPECT_FALSE(isHit(path)) << path;
    }
}

TEST_F(CacheTest, KnowsTheVisitorsOfMediaWiki) {
    host.set("preset", "mediawiki");
    load();
    ask("/", "hello", {{"Cookie", "GeoIP=DE"}});
    EXPECT_TRUE(isHit("/"));
    for (const char* cookie : {"wikidb_session=x", "wikidbUserID=1", "wikidbToken=x", "UseDC=master"})
        EXPECT_FALSE(isHit("/", {{"Cookie", cookie}})) << cookie;
}

TEST_F(CacheTest, LetsTheSiteChangeAPreset) {
    host.set("preset", "wordpress").setList("skip_paths", {"/private/"});
    load();
    ask("/wp-login.php", "x");
    EXPECT_TRUE(isHit("/wp-login.php"));
    ask("/private/a", "x");
    EXPECT_FALSE(isHit("/private/a"));
}

TEST(CacheReadme, HasTheTableOfKeys) { turnpike::testing::expectKeysOf(kKeys, CACHE_README); }

}  // namespace
}  // namespace turnpike::cache
