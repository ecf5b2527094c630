#include "label.h"

#include <gtest/gtest.h>

#include "head.h"

namespace turnpike::cache {
namespace {

std::vector<tp_field> views(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::vector<tp_field> all;
    all.reserve(fields.size());
    for (const auto& [name, value] : fields) all.push_back({str(name), str(value)});
    return all;
}

TEST(CacheLabel, IsMeantByItsUrlPrefixAndTags) {
    const std::vector<std::pair<std::string, std::string>> fields = {{"Cache-Tag", "post-1, front page"},
                                                                     {"Surrogate-Key", "a b"}};
    const std::string label = labelWith("https://example.org/blog/post?p=1", views(fields));
    for (const char* meant :
         {"all", "url /blog/post?p=1", "url https://example.org/blog/post?p=1", "prefix /", "prefix /blog/po",
          "prefix https://example.org/", "tag post-1", "tag front page", "tag a", "tag b"})
        EXPECT_TRUE(isMeant(meant, label)) << meant;
    for (const char* other : {"", "alles", "url", "url ", "url /blog/post", "url /blog/post?p=",
                              "url http://example.org/blog/post?p=1", "url /blog/post?p=1x", "prefix /b/",
                              "prefix https://example.com/", "prefix blog", "prefix ", "tag post", "tag post-12",
                              "tag front", "tag ", "tag https://example.org/blog/post?p=1", "unknown /"})
        EXPECT_FALSE(isMeant(other, label)) << other;
    EXPECT_FALSE(isMeant("tag a", "https://example.org/")) << "a label that was cut";
}

TEST(CacheLabel, IsMeantByItsUrlHoweverThatIsWritten) {
    const std::string label =
        labelWith(urlOf("https://example.org:8443", "/wiki/Caf%C3%A9_%25/./a%20b?p=%41"), {});
    EXPECT_EQ(label, "https://example.org:8443/wiki/Caf\xC3\xA9_%/a b?p=%41\n");
    for (const char* meant : {"url /wiki/Caf%c3%a9_%25/a%20b?p=%41", "url /wiki/Caf\xC3\xA9_%/a b?p=%41",
                              "url HTTPS://Example.org:8443/wiki/Caf%C3%A9_%/a b?p=%41", "prefix /wiki/Caf%C3%A9",
                              "prefix https://example.org:8443"})
        EXPECT_TRUE(isMeant(meant, label)) << meant;
    for (const char* other : {"url /wiki/Caf%C3%A9_%25/a%20b?p=A", "url /wiki/Cafe_%/a b?p=%41",
                              "prefix https://example.org/", "prefix https://example.org"})
        EXPECT_FALSE(isMeant(other, label)) << other;
}

TEST(CacheLabel, IsMeantByAQueryThatHoldsAUrl) {
    const std::string target = "/go?u=https://other.org/a";
    const std::string label = labelWith(urlOf("https://example.org", target), {});
    for (const std::string& meant :
         {"url " + target, "url https://example.org" + target, std::string("prefix /go?u=https://other")})
        EXPECT_TRUE(isMeant(meant, label)) << meant;
    EXPECT_FALSE(isMeant("url https://other.org/a", label));
}

TEST(CacheHead, KeepsWhatIsNotOfThisConnectionOrTheCachesBefore) {
    const std::vector<std::pair<std::string, std::string>> fields = {{"Content-Type", "text/html"},
                                                                     {"AGE", "5"},
                                                                     {"Set-Cookie", "a=b"},
                                                                     {"Cache-Tag", "x"},
                                                                     {"X-Empty", ""},
                                                                     {"Surrogate-Key", "y"},
                                                                     {"x-colon", "a:b"},
                                                                     {"Cache-Status", "other; hit"}};
    const std::string text = packed(views(fields));
    EXPECT_EQ(text, "Content-Type:text/html\nX-Empty:\nx-colon:a:b\n");
    const auto back = unpacked(text);
    ASSERT_EQ(back.size(), 3u);
    EXPECT_EQ(turnpike::text(back[2].name), "x-colon");
    EXPECT_EQ(turnpike::text(back[2].value), "a:b");
}

TEST(CacheHead, ReadsTornTextWithoutHarm) {
    for (const char* torn : {"", "x", ":", "\n", "a:b", "\nx:y\n", std::string_view("\0\0", 2).data()})
        unpacked(torn);
    EXPECT_EQ(unpacked("a:b\nno colon\nc:d\n").size(), 1u);
}

TEST(CacheHead, TakesTheFieldsOfAConfirmation) {
    const std::vector<std::pair<std::string, std::string>> fresh = {
        {"cache-control", "max-age=9"}, {"Content-Length", "0"}, {"content-type", "text/evil"},
        {"content-encoding", "br"},     {"X-New", "1"},          {"Content-Security-Policy", "new"}};
    EXPECT_EQ(
        updated("Cache-Control:max-age=1\nContent-Security-Policy:old\nContent-Type:text/html\nETag:\"a\"\n",
                views(fresh)),
        "Content-Type:text/html\nETag:\"a\"\ncache-control:max-age=9\nX-New:1\nContent-Security-Policy:new\n");
}

}  // namespace
}  // namespace turnpike::cache
