// Fields that follow the body of an answer.
#include "wire.h"

namespace turnpike::wire {
namespace {

class WireTrailers : public WireTest<WireTrailers> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("",
                                      "[[site.hook]]\nplugin = \"trailing\"\n"
                                      "[[site.route]]\nprefix = \"/trailing/\"\nplugin = \"trailing\"\n");
    }

 protected:
    static const std::string kTe;
    /// Everything that is sent for it, the head without its Date.
    static std::string bytesOf(const std::string& path, const std::string& fields,
                               const std::string& method = "GET") {
        std::string bytes = talk(port(), request(path, fields + "Connection: close\r\n", method)).bytes;
        size_t date = bytes.find("Date: ");
        return date == std::string::npos ? bytes : bytes.erase(date, bytes.find('\n', date) + 1 - date);
    }
};
const std::string WireTrailers::kTe = "TE: trailers\r\n";

const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

TEST_F(WireTrailers, FollowTheBodyAndAreAnnounced) {
    EXPECT_EQ(bytesOf("/trailing/early", kTe),
              kChunkedHead +
                  "Trailer: X-Early\r\nConnection: close\r\n\r\n"
                  "4\r\none \r\n4\r\ntwo\n\r\n0\r\nX-Early: 1\r\nx-late: \r\n\r\n");
    EXPECT_EQ(bytesOf("/trailing/late", kTe),
              kChunkedHead + "Connection: close\r\n\r\n4\r\none\n\r\n0\r\nx-late: 1\r\n\r\n");
    EXPECT_EQ(bytesOf("/trailing/only", kTe),
              kChunkedHead + "Trailer: x-early\r\nConnection: close\r\n\r\n0\r\nx-early: 1\r\n\r\n");
}

TEST_F(WireTrailers, AreOnlyForThoseWhoAskForThem) {
    const std::string with = "Trailer: x-early\r\nConnection: close\r\n\r\n0\r\nx-early: 1\r\n\r\n";
    const std::string without = "Connection: close\r\n\r\n0\r\n\r\n";
    struct {
        const char* fields;
        bool asks;
    } cases[] = {
        {"", false},
        {"TE:\r\n", false},
        {"TE: trailers\r\n", true},
        {"TE: Trailers\r\n", true},
        {"TE: TRAILERS\r\n", true},
        {"TE:trailers\t\r\n", true},
        {"te: gzip;q=0.5, trailers\r\n", true},
        {"TE: ,, trailers ,deflate ; q=1\r\n", true},
        {"TE: gzip\r\nTE: trailers\r\n", true},
        {"TE: trailers\r\nTE: gzip\r\n", true},
        {"TE: trailers\r\nConnection: TE\r\n", true},
        {"TE: gzip\r\n", false},
        {"TE: trailer\r\n", false},
        {"TE: trailers;q=0\r\n", false},
        {"TE: x-trailers\r\n", false},
        {"TE: gzip trailers\r\n", false},
        {"TE: x;a=\", trailers\"\r\n", false},
        {"TE: x;a=\"\\\", trailers, \"\r\n", false},
        {"TE: x;a=\"\\\\\", trailers\r\n", true},
        {"X-TE: trailers\r\n", false},
        {"Trailer: trailers\r\n", false},
    };
    for (const auto& c : cases)
        EXPECT_EQ(bytesOf("/trailing/only", c.fields), kChunkedHead + (c.asks ? with : without)) << c.fields;
}

TEST_F(WireTrailers, AreForgottenWhereTheAnswerIsNotChunked) {
    const std::string plain = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\none\n";
    EXPECT_EQ(bytesOf("/trailing/length", kTe), plain);
    EXPECT_EQ(bytesOf("/trailing/early", kTe, "HEAD"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    Talk old = talk(port(), "GET /trailing/early HTTP/1.0\r\nHost: localhost\r\nTE: trailers\r\n\r\n");
    EXPECT_TRUE(old.bytes.ends_with("\r\nConnection: close\r\n\r\none two\n")) << old.bytes;
    EXPECT_FALSE(old.has("arly"));
}

TEST_F(WireTrailers, LetTheConnectionGoOn) {
    RawClient client(port());
    client.send(request("/trailing/early", kTe) + request("/trailing/only") + request("/trailing/late", kTe) +
                request("/trailing/length", kTe) + request("/hello", kTe + "Connection: close\r\n"));
    const std::string bytes = client.rest();
    size_t at = 0;
    for (const char* next : {"\r\n0\r\nX-Early: 1\r\nx-late: \r\n\r\nHTTP/1.1 200 OK\r\n",  //
                             "\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n",                        //
                             "\r\n0\r\nx-late: 1\r\n\r\nHTTP/1.1 200 OK\r\n",               //
                             "\r\n\r\none\nHTTP/1.1 200 OK\r\n", "\r\n\r\nhello\n"}) {
        at = bytes.find(next, at);
        ASSERT_NE(at, std::string::npos) << next << " is missing in " << bytes;
    }
}

TEST_F(WireTrailers, ComeFromFiltersToo) {
    const std::string sent = bytesOf("/1k?filter", kTe);
    EXPECT_NE(sent.find("\r\nTrailer: x-filter\r\n"), std::string::npos) << sent.substr(0, 300);
    EXPECT_TRUE(sent.ends_with("k\r\n0\r\nx-filter: 1\r\nx-size: 1024\r\n\r\n")) << sent.substr(sent.size() - 100);
    const std::string file = bytesOf("/file.txt?filter", kTe);
    EXPECT_TRUE(file.ends_with("7\r\na file\n\r\n0\r\nx-filter: 1\r\nx-size: 7\r\n\r\n")) << file;
    const std::string both = bytesOf("/trailing/only?filter", kTe);
    EXPECT_NE(both.find("\r\nTrailer: x-early, x-filter\r\n"), std::string::npos) << both;
    EXPECT_TRUE(both.ends_with("\r\n\r\n0\r\nx-early: 1\r\nx-filter: 1\r\nx-size: 0\r\n\r\n")) << both;
}

TEST_F(WireTrailers, MayBeLargerThanAnyBuffer) {
    std::string trailers;
    for (int i = 0; i < 300; ++i) trailers += "x-" + std::to_string(i) + ": " + std::string(1000, 'v') + "\r\n";
    for (const char* path : {"/trailing/large", "/trailing/file"}) {
        SCOPED_TRACE(path);
        const std::string end = path == std::string("/trailing/file") ? "x-early: 1\r\n" : trailers;
        RawClient client(port());
        client.send(request(path, kTe) + request("/hello", "Connection: close\r\n"));
        std::string bytes = client.rest();
        size_t body = bytes.find("\r\n\r\n100000\r\n");
        ASSERT_NE(body, std::string::npos) << bytes.substr(0, 500);
        bytes.erase(0, body + 12);
        EXPECT_EQ(bytes.find_first_not_of('m'), 1u << 20);
        bytes.erase(0, 1u << 20);
        EXPECT_EQ(bytes.substr(0, end.size() + 7), "\r\n0\r\n" + end + "\r\n");
        EXPECT_TRUE(bytes.ends_with("\r\n\r\nhello\n"));
    }
}

TEST_F(WireTrailers, AreBoundedByTheMemoryOfTheRequest) {
    EXPECT_EQ(ask(port(), request("/trailing/full", kTe)).body, "no memory\n");
}

TEST_F(WireTrailers, AreNoFieldsThatAreNeededBeforeTheBody) {
    const std::string refused =
        "Content-Length,transfer-encoding,TRAILER,te,connection,keep-alive,upgrade,proxy-connection,date,server,"
        "host,"
        "expect,max-forwards,pragma,range,if-match,if-none-match,if-modified-since,if-unmodified-since,If-Range,"
        "authorization,proxy-authorization,www-authenticate,proxy-authenticate,cookie,set-cookie,"
        "age,cache-control,expires,location,retry-after,vary,warning,"
        "content-type,content-encoding,content-range,Content-Disposition,content-security-policy";
    EXPECT_EQ(ask(port(), request("/trailing/names?" + refused, kTe)).body, "");
    EXPECT_EQ(ask(port(), request("/trailing/names?etag,x-sum,server-timing,Content-Digest,contents", kTe)).body,
              "etag\nx-sum\nserver-timing\nContent-Digest\ncontents\n");
}

TEST_F(WireTrailers, ComeTooLateAfterTheBody) {
    EXPECT_TRUE(bytesOf("/trailing/after", kTe).ends_with("\r\n4\r\none\n\r\n0\r\n\r\n"));
    EXPECT_TRUE(site().server().waitForLog("too late for a trailer"));
}

TEST_F(WireTrailers, BelongToTheAnswerThatTheyWereAddedFor) {
    const std::string page = bytesOf("/trailing/fail?filter", kTe);
    EXPECT_TRUE(page.starts_with("HTTP/1.1 502 ")) << page;
    EXPECT_EQ(page.find("x-early"), std::string::npos) << page;
    EXPECT_NE(page.find("\r\n0\r\nx-filter: 1\r\n"), std::string::npos) << page;
    const std::string moved = bytesOf("/trailing/redirect", kTe);
    EXPECT_TRUE(moved.ends_with("6\r\nthree\n\r\n0\r\n\r\n")) << moved;
    EXPECT_EQ(moved.find("x-early"), std::string::npos) << moved;
}

}  // namespace
}  // namespace turnpike::wire
