// Interim answers (RFC 9110 section 15.2) over HTTP/1.1: who gets them, when they leave, and what never does.
#include <algorithm>
#include <cerrno>

#include "wire.h"

namespace turnpike::wire {
namespace {

const std::string kHints =
    "[[site.hook]]\nplugin = \"headers\"\nsecurity = true\n[[site.route]]\nprefix = \"/hint/\"\nplugin = "
    "\"hinting\"\n";
const std::string kHint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";

class WireInterim : public WireTest<WireInterim> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("", "interim_http1 = true\n" + kHints);
    }

 protected:
    static std::string bytesOf(const std::string& path, const std::string& method = "GET") {
        return talk(port(), request(path, "Connection: close\r\n", method)).bytes;
    }
};

TEST_F(WireInterim, ComeBeforeTheAnswerInTheirOrder) {
    const std::string bytes = bytesOf("/hint/?103,102,199,103");
    EXPECT_TRUE(bytes.starts_with(kHint + "HTTP/1.1 102 Processing\r\nLink: </a.css>; rel=preload\r\n\r\n" +
                                  "HTTP/1.1 199 Unknown\r\nLink: </a.css>; rel=preload\r\n\r\n" + kHint +
                                  "HTTP/1.1 200 OK\r\nDate: "))
        << bytes;
    EXPECT_TRUE(bytes.ends_with("\r\n\r\n0\n0\n0\n0\n")) << bytes;
}

TEST_F(WireInterim, LeaveAtOnce) {
    RawClient client(port());
    client.send(request("/hint/hold?103"));
    EXPECT_EQ(client.some(kHint.size()), kHint);
    client.reset();
    EXPECT_EQ(talk(port(), request("/hello", "Connection: close\r\n")).status, 200);
}

TEST_F(WireInterim, LetTheConnectionGoOn) {
    RawClient client(port());
    client.send(request("/hint/?103") + request("/hint/?102", "", "HEAD") + kHello);
    EXPECT_EQ(client.answer().head, kHint);
    EXPECT_EQ(client.answer().body, "0\n");
    EXPECT_EQ(client.answer(true).status, 102);
    EXPECT_EQ(client.answer(true).field("content-length"), "2");
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireInterim, AreOnlyThoseThatAPluginMaySend) {
    const std::string invalid = std::to_string(-EINVAL) + "\n";
    const std::string bytes = bytesOf("/hint/?100,101,99,200,name,value");
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\n")) << bytes;
    EXPECT_TRUE(bytes.ends_with("\r\n\r\n" + invalid + invalid + invalid + invalid + invalid + invalid)) << bytes;
}

TEST_F(WireInterim, CarryNoFieldOfTheConnection) { EXPECT_TRUE(bytesOf("/hint/?framing").starts_with(kHint)); }

TEST_F(WireInterim, AreBoundedInNumberAndSize) {
    std::string words = "103";
    for (int i = 1; i < 17; ++i) words += ",103";
    const std::string many = bytesOf("/hint/?" + words);
    size_t heads = 0;
    for (size_t at = 0; (at = many.find(kHint, at)) != std::string::npos; at += kHint.size()) ++heads;
    EXPECT_EQ(heads, 16u);
    EXPECT_TRUE(many.ends_with("\n0\n" + std::to_string(-EMSGSIZE) + "\n")) << many;
    const std::string large = bytesOf("/hint/?large");
    EXPECT_TRUE(large.starts_with("HTTP/1.1 200 OK\r\n")) << large.substr(0, 100);
    EXPECT_TRUE(large.ends_with("\r\n\r\n" + std::to_string(-EMSGSIZE) + "\n"));
}

TEST_F(WireInterim, ComeTooLateBehindTheHead) {
    const std::string bytes = bytesOf("/hint/late");
    EXPECT_EQ(bytes.find("103"), std::string::npos) << bytes;
    EXPECT_NE(bytes.find("no\n"), std::string::npos) << bytes;
}

TEST_F(WireInterim, AreNotForHttp10) {
    const Talk old = talk(port(), "GET /hint/?103 HTTP/1.0\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(old.status, 200);
    EXPECT_EQ(old.answers, 1) << old.bytes;
    EXPECT_TRUE(old.bytes.ends_with("\r\n\r\n0\n")) << old.bytes;
}

TEST_F(WireInterim, PassTheFiltersBy) {
    const std::string bytes = bytesOf("/hint/?103");
    EXPECT_TRUE(bytes.starts_with(kHint + "HTTP/1.1 200 OK\r\n")) << bytes;
    EXPECT_NE(bytes.find("\r\nX-Content-Type-Options: "), std::string::npos) << bytes;
}

// The first bytes of a status line may have left to see whether a client that sends no more is still there.
TEST_F(WireInterim, GoOnBehindTheBeginningOfALine) {
    RawClient client(port());
    client.send("GET /hint/later?103 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    client.endSending();
    EXPECT_TRUE(client.rest().starts_with(kHint + "HTTP/1.1 200 OK\r\n"));
}

// The log, the totals and the ledger tell of the answer only.
TEST(WireInterimFigures, AreThoseOfTheAnswer) {
    Site site("", "interim_http1 = true\n" + kHints, "", "access_format = \"json\"");
    Talk got = talk(site.port(), request("/hint/?103,102", "Connection: close\r\n"));
    EXPECT_EQ(got.answers, 3) << got.bytes;
    const std::string line = site.server().waitForAccess(1);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_NE(line.find("\"status\":200,\"sent\":4,"), std::string::npos) << line;
    EXPECT_EQ(total(site.server(), "requests"), 1);
    EXPECT_EQ(total(site.server(), "status_2xx"), 1);
    EXPECT_EQ(total(site.server(), "bytes_sent"), 4);
    {
        RawClient client(site.port());
        client.send(request("/hint/hold?103"));
        EXPECT_EQ(client.some(kHint.size()), kHint);
        client.reset();
    }
    const std::string held = site.server().waitForAccess(2).substr(line.size());
    EXPECT_NE(held.find("\"status\":0,\"sent\":0,"), std::string::npos) << held;
    EXPECT_NE(held.find("\"first_sent_us\":-1,"), std::string::npos) << held << "a hint is not its first byte";
    EXPECT_EQ(total(site.server(), "requests"), 2);
    EXPECT_EQ(total(site.server(), "status_2xx"), 1);
}

class WireInterimByDefault : public WireTest<WireInterimByDefault> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>("", kHints); }
};

TEST_F(WireInterimByDefault, AreNotForHttp11) {
    const Talk got = talk(port(), request("/hint/?103", "Connection: close\r\n"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.answers, 1) << got.bytes;
    EXPECT_TRUE(got.bytes.ends_with("\r\n\r\n0\n")) << got.bytes;
}

}  // namespace
}  // namespace turnpike::wire
