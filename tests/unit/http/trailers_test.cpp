#include "http/trailers.h"

#include <gtest/gtest.h>

#include "http/response_head.h"
#include "parse.h"

namespace turnpike::http {
namespace {

TEST(Trailers, AreAskedForByTeAlone) {
    struct Case {
        const char* lines;
        bool asks;
    };
    const Case cases[] = {
        {"", false},
        {"TE:\r\n", false},
        {"TE: trailers\r\n", true},
        {"TE: gzip;q=0.5 , TRAILERS\r\n", true},
        {"TE: gzip\r\nTE: trailers\r\nTE: x\r\n", true},
        {"TE: trailers\r\nConnection: TE\r\n", true},
        {"TE: trailers;q=1\r\n", false},
        {"TE: a;b=\"c, trailers\"\r\n", false},
        {"TE: a;b=\"c\", trailers\r\n", true},
        {"TE: a;b=\"c\\\r\n", false},
        {"Trailer: trailers\r\n", false},
    };
    for (const Case& c : cases) {
        const std::string head = std::string("GET / HTTP/1.1\r\nHost: a\r\n") + c.lines + "\r\n";
        Parsed parsed = parseSplit(head, everyByte(head.size()));
        ASSERT_EQ(parsed.result.state, Parse::Complete) << c.lines;
        EXPECT_EQ(parsed.head.takes_trailers, c.asks) << c.lines;
        EXPECT_EQ(parsed.field("te"), "(none)");
    }
}

TEST(Trailers, AreFieldsThatNobodyNeedsBeforeTheBody) {
    for (const char* name : {"ETag", "server-timing", "content-digest", "x", "contents", "tea"})
        EXPECT_TRUE(isValidTrailer(name, "v")) << name;
    for (const char* name : {"", "a b", "Host", "TE", "content-type", "Content-", "SET-COOKIE", "if-match"})
        EXPECT_FALSE(isValidTrailer(name, "v")) << name;
    EXPECT_FALSE(isValidTrailer("x", "a\r\nb"));
}

TEST(Trailers, AreNamedInTheHeadAndFollowTheLastChunk) {
    const tp_field fields[] = {{{"X-A", 3}, {"1", 1}}, {{"x-b", 3}, {nullptr, 0}}};
    const ResponseHead head{.framing = Framing::Chunked, .trailers = fields, .trailer_count = 2};
    std::string text(responseHeadSize(head), '?');
    text.resize(writeResponseHead(head, text.data()));
    EXPECT_EQ(text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-A, x-b\r\n\r\n");
    std::string end = "\r\n";
    appendLastChunk(end, fields, 2);
    EXPECT_EQ(end, "\r\n0\r\nX-A: 1\r\nx-b: \r\n\r\n");
}

}  // namespace
}  // namespace turnpike::http
