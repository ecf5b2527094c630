#include <ctime>

#include "fixture.h"

namespace turnpike::static_files {

using StaticFields = StaticTest;

TEST_F(StaticFields, DescribeAFile) {
    write("/a.html", "<p>hello");
    load();
    Request& r = get("/a.html");
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.text(), "<p>hello");
    EXPECT_EQ(r.announced(), 8);
    EXPECT_EQ(r.field("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(r.field("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(r.field("accept-ranges"), "bytes");
    EXPECT_EQ(r.field("etag").front(), '"');
    EXPECT_EQ(r.field("etag").back(), '"');
    EXPECT_EQ(r.field("cache-control"), "");
    EXPECT_EQ(r.field("vary"), "");
    EXPECT_EQ(r.field("x-content-type-options"), "");
}

TEST_F(StaticFields, AreTheSameForHeadWithoutABody) {
    write("/a.txt", "hello");
    load();
    for (int i = 0; i < 2; ++i) {
        Request& head = request("HEAD", "/a.txt");
        EXPECT_EQ(head.status(), 200u);
        EXPECT_EQ(head.text(), "");
        EXPECT_EQ(head.announced(), 5);
        EXPECT_EQ(head.fields(), get("/a.txt").fields());
    }
}

TEST_F(StaticFields, OfHeadForALargeFileHaveItsLength) {
    host.set("memory_file", "0");
    write("/a.txt", "hello");
    load();
    Request& head = request("HEAD", "/a.txt");
    EXPECT_EQ(head.announced(), 5);
    EXPECT_EQ(head.text(), "");
}

TEST_F(StaticFields, ForbidGuessingAnUnknownType) {
    write("/a.unheardof", "x");
    write("/README", "x");
    load();
    for (const char* path : {"/a.unheardof", "/README"}) {
        Request& r = get(path);
        EXPECT_EQ(r.field("content-type"), "application/octet-stream");
        EXPECT_EQ(r.field("x-content-type-options"), "nosniff");
    }
}

TEST_F(StaticFields, CarryCacheControlWhenItIsSet) {
    host.set("cache_control", "public, max-age=60");
    write("/a.css", "x");
    load();
    EXPECT_EQ(get("/a.css").field("cache-control"), "public, max-age=60");
}

TEST_F(StaticFields, HaveAWeakTagWhileTheFileIsFresh) {
    write("/a.txt", "x", std::time(nullptr));
    load();
    EXPECT_TRUE(get("/a.txt").field("etag").starts_with("W/\""));
}

TEST_F(StaticFields, NeverNameAFutureDate) {
    write("/a.txt", "x", std::time(nullptr) + 86400);
    load();
    Request& r = get("/a.txt");
    EXPECT_TRUE(r.field("etag").starts_with("W/\""));
    const int64_t now = std::time(nullptr);
    tm parts{};
    ASSERT_NE(strptime(r.field("last-modified").c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts), nullptr);
    EXPECT_LE(timegm(&parts), now);
}

TEST_F(StaticFields, TellStatesOfAFileApart) {
    write("/a.txt", "one");
    write("/b.txt", "four");
    write("/c.txt", "one", kOld + 1);
    write("/d.txt", "two");
    load();
    const std::string tag = get("/a.txt").field("etag");
    EXPECT_NE(tag, get("/b.txt").field("etag"));
    EXPECT_NE(tag, get("/c.txt").field("etag"));
    EXPECT_EQ(tag, get("/d.txt").field("etag")) << "the tag is made of size and time";
}

TEST_F(StaticFields, OfAnEmptyFile) {
    write("/empty.txt", "");
    load();
    for (int i = 0; i < 2; ++i) {
        Request& r = get("/empty.txt");
        EXPECT_EQ(r.status(), 200u);
        EXPECT_EQ(r.announced(), 0);
        EXPECT_EQ(r.text(), "");
    }
}

TEST_F(StaticFields, NotModifiedCarriesWhatACacheNeeds) {
    host.set("cache_control", "max-age=9");
    write("/a.txt", "hello");
    load();
    const std::string tag = get("/a.txt").field("etag");
    Request& r = get("/a.txt", {{"If-None-Match", tag}});
    EXPECT_EQ(r.status(), 304u);
    EXPECT_EQ(r.text(), "");
    EXPECT_EQ(r.field("etag"), tag);
    EXPECT_EQ(r.field("cache-control"), "max-age=9");
    EXPECT_EQ(r.field("content-type"), "");
}

TEST_F(StaticFields, PreconditionsAreAnswered) {
    write("/a.txt", "hello");
    load();
    const struct {
        const char *name, *value;
        unsigned status;
    } cases[] = {
        {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 304},
        {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", 200},
        {"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", 412},
        {"If-Match", "\"other\"", 412},
        {"If-Match", "*", 200},
        {"If-None-Match", "*", 304},
        {"If-None-Match", "\"other\"", 200},
    };
    for (const auto& c : cases) {
        Request& r = get("/a.txt", {{c.name, c.value}});
        EXPECT_EQ(r.status(), c.status) << c.name << ": " << c.value;
        EXPECT_EQ(r.text(), c.status == 200 ? "hello" : "") << c.name << ": " << c.value;
    }
}

}  // namespace turnpike::static_files
