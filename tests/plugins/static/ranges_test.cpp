#include "fixture.h"

namespace turnpike::static_files {
namespace {

/// In memory and from a descriptor, at once and byte by byte.
struct Way {
    const char* memory_file;
    size_t takes;
};

}  // namespace

class StaticRanges : public StaticTest, public testing::WithParamInterface<Way> {
 protected:
    void SetUp() override {
        host.set("memory_file", GetParam().memory_file);
        for (int i = 0; i < 1000; ++i) content += static_cast<char>('a' + i % 26);
        write("/a.txt", content);
        load();
    }
    Request& ranged(const std::string& value, fake::Fields fields = {}) {
        Request& request = host.get("/a.txt").field("Range", value).takes(GetParam().takes);
        for (auto& [name, field] : fields) request.field(name, field);
        return send(request);
    }
    std::string part(size_t first, size_t last) const { return content.substr(first, last - first + 1); }

    std::string content;
};

TEST_P(StaticRanges, SendOnePart) {
    Request& r = ranged("bytes=10-19");
    EXPECT_EQ(r.status(), 206u);
    EXPECT_EQ(r.text(), part(10, 19));
    EXPECT_EQ(r.announced(), 10);
    EXPECT_EQ(r.field("content-range"), "bytes 10-19/1000");
    EXPECT_EQ(r.field("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(ranged("bytes=-5").text(), part(995, 999));
    EXPECT_EQ(ranged("bytes=990-").text(), part(990, 999));
    EXPECT_EQ(ranged("bytes=0-").status(), 206u);
}

TEST_P(StaticRanges, SendManyPartsAsMultipart) {
    Request& r = ranged("bytes=500-509,0-4,-3");
    EXPECT_EQ(r.status(), 206u);
    EXPECT_EQ(r.field("content-range"), "");
    const std::string type = r.field("content-type");
    ASSERT_TRUE(type.starts_with("multipart/byteranges; boundary=")) << type;
    const std::string mark = type.substr(type.find('=') + 1);
    const auto head = [&](const std::string& range) {
        return "\r\n--" + mark + "\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-range: bytes " + range +
               "/1000\r\n\r\n";
    };
    EXPECT_EQ(r.text(), head("500-509") + part(500, 509) + head("0-4") + part(0, 4) + head("997-999") +
                            part(997, 999) + "\r\n--" + mark + "--\r\n");
    EXPECT_EQ(r.announced(), static_cast<int64_t>(r.text().size()));
    EXPECT_FALSE(r.truncated());
}

TEST_P(StaticRanges, UseANewBoundaryEachTime) {
    EXPECT_NE(ranged("bytes=0-0,2-2").field("content-type"), ranged("bytes=0-0,2-2").field("content-type"));
}

TEST_P(StaticRanges, NeverSendMoreThanTheFile) {
    std::string value = "bytes=0-";
    for (int i = 1; i < 16; ++i) value += "," + std::to_string(i) + "-";
    Request& r = ranged(value);
    EXPECT_EQ(r.status(), 206u);
    EXPECT_EQ(r.text(), content) << "overlaps become one part";
    for (int i = 16; i < 1000; ++i) value += "," + std::to_string(i) + "-";
    EXPECT_EQ(ranged(value).status(), 200u);
}

TEST_P(StaticRanges, BeyondTheEndAreRefused) {
    Request& r = ranged("bytes=1000-");
    EXPECT_EQ(r.status(), 416u);
    EXPECT_EQ(r.field("content-range"), "bytes */1000");
    EXPECT_EQ(r.text(), "");
}

TEST_P(StaticRanges, ThatMakeNoSenseGiveTheWhole) {
    for (const char* value : {"bytes=", "bytes=9-1", "pages=1-2", "bytes=x"}) {
        Request& r = ranged(value);
        EXPECT_EQ(r.status(), 200u) << value;
        EXPECT_EQ(r.text(), content);
    }
}

TEST_P(StaticRanges, ObeyIfRange) {
    const std::string tag = get("/a.txt").field("etag");
    EXPECT_EQ(ranged("bytes=0-1", {{"If-Range", tag}}).status(), 206u);
    EXPECT_EQ(ranged("bytes=0-1", {{"If-Range", "\"x\""}}).status(), 200u);
    EXPECT_EQ(ranged("bytes=0-1", {{"If-Range", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status(), 206u);
    EXPECT_EQ(ranged("bytes=0-1", {{"If-Range", "Sun, 06 Nov 1994 08:49:38 GMT"}}).status(), 200u);
    EXPECT_EQ(ranged("bytes=2000-", {{"If-Range", "\"x\""}}).status(), 200u) << "then there is nothing to refuse";
}

TEST_P(StaticRanges, ComeAfterPreconditions) {
    EXPECT_EQ(ranged("bytes=0-1", {{"If-None-Match", "*"}}).status(), 304u);
    EXPECT_EQ(ranged("bytes=2000-", {{"If-Match", "\"x\""}}).status(), 412u);
}

TEST_P(StaticRanges, AreNothingToHead) {
    Request& r = send(host.request("HEAD", "/a.txt").field("Range", "bytes=0-1"));
    EXPECT_EQ(r.status(), 200u);
    EXPECT_EQ(r.announced(), 1000);
}

TEST_P(StaticRanges, EndWhenTheClientLeaves) {
    Request& r = host.get("/a.txt").field("Range", "bytes=0-99,200-299").takes(GetParam().takes).leavesAfter(120);
    ASSERT_TRUE(host.run(r)) << r.why();
    EXPECT_TRUE(r.aborted());
    EXPECT_EQ(ranged("bytes=1-2").text(), "bc");
}

INSTANTIATE_TEST_SUITE_P(Ways, StaticRanges,
                         testing::Values(Way{"64KiB", SIZE_MAX}, Way{"64KiB", 7}, Way{"0", SIZE_MAX},
                                         Way{"0", 7}));

}  // namespace turnpike::static_files
