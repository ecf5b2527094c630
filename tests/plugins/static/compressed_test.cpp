#include <unistd.h>

#include "fixture.h"

namespace turnpike::static_files {

class StaticCompressed : public StaticTest {
 protected:
    void SetUp() override {
        write("/a.css", "a plain style sheet");
        write("/a.css.br", "brotli");
        write("/a.css.zst", "zstandard");
        write("/a.css.gz", "gzipped");
        write("/b.css", "alone");
        write("/c.css", "x");
        write("/c.css.gz", "larger than the plain one");
    }
};

TEST_F(StaticCompressed, AreLeftAloneByDefault) {
    load();
    Request& r = get("/a.css", {{"Accept-Encoding", "br, gzip"}});
    EXPECT_EQ(r.text(), "a plain style sheet");
    EXPECT_EQ(r.field("vary"), "");
}

TEST_F(StaticCompressed, AreChosenByTheClient) {
    host.set("precompressed", "true");
    load();
    const struct {
        const char *accept, *coding, *text;
    } cases[] = {
        {"gzip, deflate, br, zstd", "br", "brotli"},
        {"zstd, gzip", "zstd", "zstandard"},
        {"gzip", "gzip", "gzipped"},
        {"br;q=0.1, gzip", "gzip", "gzipped"},
        {"identity, *;q=0", "", "a plain style sheet"},
        {"br;q=0", "", "a plain style sheet"},
    };
    for (const auto& c : cases) {
        Request& r = get("/a.css", {{"Accept-Encoding", c.accept}});
        EXPECT_EQ(r.text(), c.text) << c.accept;
        EXPECT_EQ(r.field("content-encoding"), c.coding) << c.accept;
        EXPECT_EQ(r.field("vary"), "accept-encoding") << c.accept;
        EXPECT_EQ(r.field("content-type"), "text/css; charset=utf-8") << c.accept;
    }
    EXPECT_EQ(get("/a.css").field("vary"), "accept-encoding");
    EXPECT_EQ(get("/a.css").text(), "a plain style sheet");
}

TEST_F(StaticCompressed, HaveTagsOfTheirOwn) {
    host.set("precompressed", "true");
    write("/d.css", "longer content");
    write("/d.css.br", "same");
    write("/d.css.gz", "size");
    load();
    const std::string plain = get("/d.css").field("etag");
    const std::string brotli = get("/d.css", {{"Accept-Encoding", "br"}}).field("etag");
    const std::string gzip = get("/d.css", {{"Accept-Encoding", "gzip"}}).field("etag");
    EXPECT_NE(plain, brotli);
    EXPECT_NE(plain, gzip);
    EXPECT_NE(brotli, gzip);
    EXPECT_EQ(get("/d.css", {{"Accept-Encoding", "br"}, {"If-None-Match", plain}}).status(), 200u);
    Request& same = get("/d.css", {{"Accept-Encoding", "br"}, {"If-None-Match", brotli}});
    EXPECT_EQ(same.status(), 304u);
    EXPECT_EQ(same.field("vary"), "accept-encoding");
}

TEST_F(StaticCompressed, AreNotOfferedWhenAbsentOrLarger) {
    host.set("precompressed", "true");
    load();
    for (const char* path : {"/b.css", "/c.css"}) {
        Request& r = get(path, {{"Accept-Encoding", "br, gzip"}});
        EXPECT_EQ(r.field("content-encoding"), "") << path;
        EXPECT_EQ(r.field("vary"), "") << path;
    }
}

TEST_F(StaticCompressed, AreNoticedWhenTheyComeAndGo) {
    host.set("precompressed", "true");
    load();
    const fake::Fields accept = {{"Accept-Encoding", "br"}};
    EXPECT_EQ(get("/b.css", accept).text(), "alone");
    write("/b.css.br", "br");
    host.advance(1100);
    EXPECT_EQ(get("/b.css", accept).text(), "br");
    ASSERT_EQ(unlink((root + "/b.css.br").c_str()), 0);
    host.advance(1100);
    EXPECT_EQ(get("/b.css", accept).text(), "alone");
}

TEST_F(StaticCompressed, CostNothingOnAHit) {
    host.set("precompressed", "true");
    load();
    get("/a.css");
    EXPECT_EQ(callsOf([&] { EXPECT_EQ(get("/a.css", {{"Accept-Encoding", "br"}}).text(), "brotli"); }), 0u);
}

TEST_F(StaticCompressed, WorkFromDescriptors) {
    host.set("precompressed", "true").set("memory_file", "0");
    load();
    EXPECT_EQ(get("/a.css", {{"Accept-Encoding", "gzip"}}).text(), "gzipped");
    EXPECT_EQ(get("/a.css", {{"Accept-Encoding", "gzip"}}).text(), "gzipped");
}

TEST_F(StaticCompressed, GiveOneRangeOfTheCodedBytesButTheWholeForMany) {
    host.set("precompressed", "true");
    load();
    Request& one = get("/a.css", {{"Accept-Encoding", "br"}, {"Range", "bytes=1-2"}});
    EXPECT_EQ(one.status(), 206u);
    EXPECT_EQ(one.text(), "ro");
    EXPECT_EQ(one.field("content-encoding"), "br");
    EXPECT_EQ(one.field("content-range"), "bytes 1-2/6");
    EXPECT_EQ(get("/a.css", {{"Accept-Encoding", "br"}, {"Range", "bytes=0-0,2-2"}}).status(), 200u);
}

}  // namespace turnpike::static_files
