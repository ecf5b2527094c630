#include "settings.h"

#include "fixture.h"
#include "support/readme_keys.h"

namespace turnpike::compress {

class CompressSettings : public CompressTest {
 protected:
    void expectRefusal(const std::string& problem) {
        ASSERT_FALSE(host.load(tp_plugin_entry));
        EXPECT_EQ(host.problems().at(0), problem);
    }
};

TEST_F(CompressSettings, RefuseACodingThatIsNone) {
    host.setList("codings", {"gzip", "deflate"});
    expectRefusal("codings: \"deflate\" is none of \"br\", \"zstd\" and \"gzip\"");
}

TEST_F(CompressSettings, RefuseACodingTwice) {
    host.setList("codings", {"gzip", "br", "gzip"});
    expectRefusal("codings: \"gzip\" is named twice");
}

TEST_F(CompressSettings, RefuseEmptyLists) {
    host.setList("codings", {});
    expectRefusal("codings: must name at least one; to compress nothing, remove the hook");
}

// There may be one host at a time: these make their own for each case, and have no fixture.
TEST(CompressTypes, AreRefusedWhereTheyAreNone) {
    for (const char* bad : {"html", "text/", "/html", "text/*/x", "*/*", "text/html;q=1", "a b/c", "te\xc3/x"}) {
        fake::Host host;
        host.setList("types", {"text/plain", bad});
        ASSERT_FALSE(host.load(tp_plugin_entry)) << bad;
        EXPECT_EQ(host.problems().at(0), "types: \"" + std::string(bad) +
                                             "\" is no media type, write text/html, text/* or application/*+json");
    }
}

TEST(CompressNumbers, AreRefusedOutsideTheirBounds) {
    const struct {
        const char *key, *value, *problem;
    } cases[] = {
        {"gzip_level", "0", "must be from 1 to 9"},   {"gzip_level", "10", "must be from 1 to 9"},
        {"brotli_level", "7", "must be from 0 to 6"}, {"zstd_level", "0", "must be from 1 to 9"},
        {"at_once", "0", "must be from 1 to 65536"},  {"busy", "0", "must be from 1 to 100"},
        {"busy", "101", "must be from 1 to 100"},     {"max_size", "512B", "must not be below min_size"},
    };
    for (const auto& c : cases) {
        fake::Host host;
        host.set(c.key, c.value);
        ASSERT_FALSE(host.load(tp_plugin_entry)) << c.key;
        EXPECT_EQ(host.problems().at(0), std::string(c.key) + ": " + c.problem) << c.value;
    }
}

/// How much is sent of a page with that key at that level.
size_t sentAt(const char* coding, const char* key, const char* level) {
    fake::Host host;
    host.set(key, level);
    EXPECT_TRUE(host.load(tp_plugin_entry));
    auto& request = host.get("/").field("Accept-Encoding", coding);
    request.content(200, {{"Content-Type", "text/html"}}, pageOf(200'000));
    EXPECT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.field("content-encoding"), coding);
    return request.text().size();
}

TEST(CompressLevels, AreThoseOfTheConfig) {
    EXPECT_LT(sentAt("gzip", "gzip_level", "9"), sentAt("gzip", "gzip_level", "1"));
    EXPECT_LT(sentAt("br", "brotli_level", "6"), sentAt("br", "brotli_level", "0"));
    EXPECT_LT(sentAt("zstd", "zstd_level", "9"), sentAt("zstd", "zstd_level", "1"));
}

TEST_F(CompressSettings, SayHowLargeABodyMustBe) {
    host.set("min_size", "100B").set("max_size", "200B");
    load();
    const struct {
        size_t size;
        bool is_compressed;
    } cases[] = {{0, false}, {99, false}, {100, true}, {200, true}, {201, false}};
    for (const auto& c : cases) {
        body = pageOf(c.size);
        Request& request = get({{"Accept-Encoding", "gzip"}});
        EXPECT_EQ(request.field("content-encoding") == "gzip", c.is_compressed) << c.size;
        EXPECT_EQ(request.field("vary") == "Accept-Encoding", c.is_compressed) << c.size;
    }
}

TEST_F(CompressSettings, SayWhichTypes) {
    host.setList("types", {"application/X-Note"});
    load();
    EXPECT_FALSE(isCompressed());
    type = "application/x-note";
    EXPECT_TRUE(isCompressed());
}

TEST_F(CompressSettings, MayLeaveBreachToTheSite) {
    host.set("breach_safe", "false");
    load();
    EXPECT_EQ(
        get({{"Accept-Encoding", "gzip"}, {"Cookie", "a=b"}}, {{"Set-Cookie", "c=d"}}).field("content-encoding"),
        "gzip");
}

TEST_F(CompressSettings, AreWhatTheReadmeSays) { testing::expectKeysOf(kKeys, COMPRESS_README); }

}  // namespace turnpike::compress
