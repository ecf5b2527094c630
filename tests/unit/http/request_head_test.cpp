#include <gtest/gtest.h>

#include <cctype>
#include <cstring>

#include "parse.h"

namespace turnpike::http {
namespace {

/// A GET with these lines after the request line, each ended by CRLF in `fields`.
std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

TEST(RequestHead, ReadsATypicalRequest) {
    const Parsed parsed = parse(
        "POST /a/b.php?x=1&y[]=2 HTTP/1.1\r\nHost: Example.ORG:8080\r\nUser-Agent: \t test  \r\n"
        "Content-Length: 12\r\nCookie: a=b\r\nRange: bytes=0-\r\n\r\nbody");
    ASSERT_EQ(parsed.result.state, Parse::Complete) << parsed.result.reason;
    EXPECT_EQ(parsed.head.method, TP_METHOD_POST);
    EXPECT_EQ(parsed.head.method_name, "POST");
    EXPECT_EQ(parsed.head.target, "/a/b.php?x=1&y[]=2");
    EXPECT_EQ(parsed.head.path, "/a/b.php");
    EXPECT_EQ(parsed.head.query, "x=1&y[]=2");
    EXPECT_EQ(parsed.head.host, "example.org");
    EXPECT_EQ(parsed.head.content_length, 12);
    EXPECT_TRUE(parsed.head.keep_alive);
    EXPECT_EQ(parsed.head.present, uint64_t{TP_HAS_COOKIE | TP_HAS_RANGE});
    EXPECT_EQ(parsed.head.field_count, 5u);
    EXPECT_EQ(parsed.field("user-agent"), "test");
    EXPECT_EQ(parsed.field("host"), "example.org:8080");
}

TEST(RequestHead, TellsWhereTheHeadEnds) {
    const std::string head = get("A: b\r\n");
    EXPECT_EQ(parse(head + "GET /next").result.consumed, head.size());
}

TEST(RequestHead, KnowsTheMethods) {
    const std::pair<const char*, int32_t> methods[] = {
        {"GET", TP_METHOD_GET},        {"HEAD", TP_METHOD_HEAD},      {"POST", TP_METHOD_POST},
        {"PUT", TP_METHOD_PUT},        {"DELETE", TP_METHOD_DELETE},  {"OPTIONS", TP_METHOD_OPTIONS},
        {"PATCH", TP_METHOD_PATCH},    {"get", TP_METHOD_OTHER},      {"TRACE", TP_METHOD_OTHER},
        {"PROPFIND", TP_METHOD_OTHER}, {"M-SEARCH", TP_METHOD_OTHER}, {"G", TP_METHOD_OTHER}};
    for (const auto& [name, number] : methods) {
        const Parsed parsed = parse(std::string(name) + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        ASSERT_EQ(parsed.result.state, Parse::Complete) << name;
        EXPECT_EQ(parsed.head.method, number) << name;
        EXPECT_EQ(parsed.head.method_name, name);
    }
}

TEST(RequestHead, MarksTheFieldsThatHandlersAskFor) {
    const std::pair<const char*, uint64_t> names[] = {{"If-Match", TP_HAS_IF_MATCH},
                                                      {"If-None-Match", TP_HAS_IF_NONE_MATCH},
                                                      {"If-Modified-Since", TP_HAS_IF_MODIFIED_SINCE},
                                                      {"If-Unmodified-Since", TP_HAS_IF_UNMODIFIED_SINCE},
                                                      {"If-Range", TP_HAS_IF_RANGE},
                                                      {"Range", TP_HAS_RANGE},
                                                      {"Accept-Encoding", TP_HAS_ACCEPT_ENCODING},
                                                      {"Authorization", TP_HAS_AUTHORIZATION},
                                                      {"Cookie", TP_HAS_COOKIE},
                                                      {"If-Something", 0}};
    for (const auto& [name, bit] : names) {
        EXPECT_EQ(parse(get(std::string(name) + ": x\r\n")).head.present, bit) << name;
    }
}

TEST(RequestHead, ReadsTheFormsOfATarget) {
    struct Case {
        const char *line, *path, *query, *host;
        bool https;
    };
    const Case cases[] = {
        {"GET /", "/", "", "a", false},
        {"GET /?", "/", "", "a", false},
        {"GET /x?y?z", "/x", "y?z", "a", false},
        {"GET //x//y", "//x//y", "", "a", false},
        {"GET http://a", "/", "", "a", false},
        {"GET http://A?q", "/", "q", "a", false},
        {"GET HTTP://a:80/x?q", "/x", "q", "a", false},
        {"GET http://a:/x", "/x", "", "a", false},
        {"GET https://a/x", "/x", "", "a", true},
        {"OPTIONS *", "*", "", "a", false},
        {"OPTIONS http://a", "*", "", "a", false},
        {"OPTIONS http://a/", "/", "", "a", false},
        {"GET /[a]^|?{}\\`^|[]", "/[a]^|", "{}\\`^|[]", "a", false},
        {"GET /%zz?100%", "/%zz", "100%", "a", false},
    };
    for (const Case& c : cases) {
        const Parsed parsed =
            parse(std::string(c.line) + " HTTP/1.1\r\nHost: " + (c.https ? "a:443" : "a") + "\r\n\r\n");
        ASSERT_EQ(parsed.result.state, Parse::Complete) << c.line << ": " << parsed.result.reason;
        EXPECT_EQ(parsed.head.path, c.path) << c.line;
        EXPECT_EQ(parsed.head.query, c.query) << c.line;
        EXPECT_EQ(parsed.head.host, c.host) << c.line;
        EXPECT_EQ(parsed.head.https, c.https) << c.line;
    }
}

TEST(RequestHead, TakesTheHostInLowerCaseWithoutPort) {
    const std::pair<const char*, const char*> hosts[] = {{"a", "a"},
                                                         {"A.Example", "a.example"},
                                                         {"a.example.", "a.example."},
                                                         {"a:8080", "a"},
                                                         {"a:", "a"},
                                                         {"127.0.0.1:80", "127.0.0.1"},
                                                         {"[::1]", "[::1]"},
                                                         {"[::1]:65535", "[::1]"},
                                                         {"[FE80::A]", "[fe80::a]"},
                                                         {"[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]"},
                                                         {"a_b~c-d", "a_b~c-d"},
                                                         {"a:00080", "a"}};
    for (const auto& [value, host] : hosts) {
        const Parsed parsed = parse(std::string("GET / HTTP/1.1\r\nHost: ") + value + "\r\n\r\n");
        ASSERT_EQ(parsed.result.state, Parse::Complete) << value;
        EXPECT_EQ(parsed.head.host, host);
    }
}

TEST(RequestHead, NeedsNoHostInHttp10) {
    EXPECT_EQ(parse("GET / HTTP/1.0\r\n\r\n").head.host, "");
    EXPECT_EQ(parse("GET http://A:1/ HTTP/1.0\r\n\r\n").head.host, "a");
    EXPECT_EQ(parse("GET / HTTP/1.0\r\nHost: a\r\n\r\n").head.host, "a");
}

TEST(RequestHead, ServesHigherMinorVersionsAs11) {
    EXPECT_EQ(parse("GET / HTTP/1.7\r\nHost: a\r\n\r\n").head.minor_version, 1u);
    EXPECT_EQ(parse("GET / HTTP/1.0\r\nHost: a\r\n\r\n").head.minor_version, 0u);
}

TEST(RequestHead, DecidesAboutKeepAlive) {
    struct Case {
        const char *version, *fields;
        bool keep_alive;
    };
    const Case cases[] = {{"1.1", "", true},
                          {"1.0", "", false},
                          {"1.1", "Connection: close\r\n", false},
                          {"1.1", "Connection: CLOSE\r\n", false},
                          {"1.1", "Connection: x, ,close,\r\n", false},
                          {"1.1", "Connection: x\r\nConnection: close\r\n", false},
                          {"1.1", "Connection: keep-alive\r\n", true},
                          {"1.1", "Connection: close, keep-alive\r\n", false},
                          {"1.0", "Connection: Keep-Alive\r\n", true},
                          {"1.0", "Connection: keep-alive, close\r\n", false},
                          {"1.0", "Connection: keep-alivex\r\n", false}};
    for (const Case& c : cases) {
        const Parsed parsed =
            parse(std::string("GET / HTTP/") + c.version + "\r\nHost: a\r\n" + c.fields + "\r\n");
        ASSERT_EQ(parsed.result.state, Parse::Complete) << c.fields;
        EXPECT_EQ(parsed.head.keep_alive, c.keep_alive) << c.version << c.fields;
    }
}

TEST(RequestHead, LeavesOutWhatBelongsToTheConnection) {
    const Parsed parsed = parse(
        get("TE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy: evil\r\n"
            "Connection: X-Secret, http2-settings, te\r\nx-secret: 1\r\nHTTP2-Settings: AA\r\nX-Kept: 2\r\n"
            "Transfer-Encoding: chunked\r\n"));
    ASSERT_EQ(parsed.result.state, Parse::Complete);
    ASSERT_EQ(parsed.head.field_count, 2u);
    EXPECT_EQ(parsed.field("host"), "a");
    EXPECT_EQ(parsed.field("x-kept"), "2");
}

TEST(RequestHead, RemovesFieldsThatALaterConnectionNames) {
    const Parsed parsed = parse(get("A: 1\r\nB: 2\r\nC: 3\r\nConnection: a\r\nConnection: C,keep-alive\r\n"));
    ASSERT_EQ(parsed.head.field_count, 2u);
    EXPECT_EQ(parsed.field("b"), "2");
}

TEST(RequestHead, KeepsEssentialFieldsThatConnectionNames) {
    const Parsed parsed = parse(get(
        "Connection: host, content-length, cookie, content-type, authorization, expect, cache-control, range\r\n"
        "Content-Length: 3\r\nCookie: c\r\nContent-Type: t\r\nAuthorization: z\r\nCache-Control: no-store\r\n"
        "Range: bytes=1-\r\n"));
    ASSERT_EQ(parsed.result.state, Parse::Complete);
    EXPECT_EQ(parsed.head.content_length, 3);
    EXPECT_EQ(parsed.head.field_count, 7u);
    EXPECT_EQ(parsed.head.present, uint64_t{TP_HAS_COOKIE | TP_HAS_AUTHORIZATION | TP_HAS_RANGE});
}

TEST(RequestHead, ReadsTheFraming) {
    struct Case {
        const char* fields;
        int64_t length;
        bool chunked;
    };
    const Case cases[] = {{"", 0, false},
                          {"Content-Length: 0\r\n", 0, false},
                          {"Content-Length: 0012\r\n", 12, false},
                          {"Content-Length:\t9223372036854775807 \r\n", INT64_MAX, false},
                          {"Content-Length: 000000000000000000000000000000007\r\n", 7, false},
                          {"Transfer-Encoding: chunked\r\n", TP_LENGTH_UNKNOWN, true},
                          {"TRANSFER-ENCODING:\tChunKED\t \r\n", TP_LENGTH_UNKNOWN, true}};
    for (const Case& c : cases) {
        const Parsed parsed = parse(get(c.fields));
        ASSERT_EQ(parsed.result.state, Parse::Complete) << c.fields << parsed.result.reason;
        EXPECT_EQ(parsed.head.content_length, c.length) << c.fields;
        EXPECT_EQ(parsed.head.chunked, c.chunked) << c.fields;
    }
}

// RFC 9112 section 6.3, rule 7.
TEST(RequestHead, HasNoBodyWithoutItsFramingWhateverTheMethod) {
    for (const std::string method : {"POST", "PUT", "PATCH", "PROPFIND"}) {
        for (const char* rest : {" / HTTP/1.1\r\nHost: a\r\n\r\n", " / HTTP/1.0\r\n\r\n"}) {
            const Parsed parsed = parse(method + rest);
            ASSERT_EQ(parsed.result.state, Parse::Complete) << method << rest << parsed.result.reason;
            EXPECT_EQ(parsed.head.content_length, 0) << method << rest;
            EXPECT_FALSE(parsed.head.chunked) << method << rest;
        }
    }
}

TEST(RequestHead, ExpectsContinueOnlyForABodyInHttp11) {
    const char* expect = "Expect: 100-Continue\r\n";
    EXPECT_TRUE(parse(get(std::string(expect) + "Content-Length: 1\r\n")).head.expect_continue);
    EXPECT_TRUE(parse(get(std::string(expect) + "Transfer-Encoding: chunked\r\n")).head.expect_continue);
    EXPECT_FALSE(parse(get(expect)).head.expect_continue);
    EXPECT_FALSE(
        parse("GET / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").head.expect_continue);
}

TEST(RequestHead, SkipsAtMostTwoEmptyLinesBeforeTheRequest) {
    const std::string head = get("");
    EXPECT_EQ(parse("\r\n" + head).result.consumed, head.size() + 2);
    EXPECT_EQ(parse("\r\n\r\n" + head).result.consumed, head.size() + 4);
    EXPECT_EQ(parse("\r\n\r\n\r\n" + head).status(), 400u);
}

TEST(RequestHead, TakesObsTextAndTabsInValues) {
    EXPECT_EQ(parse(get("X: a\tb\xff\x80 c\r\n")).field("x"), "a\tb\xff\x80 c");
    EXPECT_EQ(parse(get("X:\r\n")).field("x"), "");
    EXPECT_EQ(parse(get("X: \t \r\n")).field("x"), "");
}

TEST(RequestHead, RefusesEveryOtherByteInAValue) {
    for (int c = 0; c < 256; ++c) {
        const bool allowed = c == '\t' || (c >= 0x20 && c != 0x7f);
        for (const size_t before : {0u, 3u, 20u}) {
            const std::string value = std::string(before, 'x') + static_cast<char>(c) + "yyyyyyyyy";
            EXPECT_EQ(parse(get("X: " + value + "\r\n")).status(), allowed ? 0u : 400u)
                << c << " after " << before;
        }
    }
}

TEST(RequestHead, RefusesEveryByteInANameThatIsNoToken) {
    const std::string_view token = "!#$%&'*+-.^_`|~";
    for (int c = 0; c < 256; ++c) {
        if (c == ':') continue;  // ends the name
        const char byte = static_cast<char>(c);
        const bool allowed = (c < 128 && std::isalnum(c)) || (c != 0 && token.find(byte) != token.npos);
        const std::string name = std::string("x") + byte + "y";
        EXPECT_EQ(parse(get(name + ": v\r\n")).status(), allowed ? 0u : 400u) << c;
    }
}

TEST(RequestHead, RefusesBytesThatNoTargetHolds) {
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        const bool path = c > 0x20 && c < 0x7f && !std::strchr("#\"<>\\`{}", c);
        const bool query = c > 0x20 && c < 0x7f && !std::strchr("#\"<>", c);
        const auto status = [byte](const char* before) {
            return parse(std::string("GET ") + before + byte + "x HTTP/1.1\r\nHost: a\r\n\r\n").status();
        };
        EXPECT_EQ(status("/a"), path ? 0u : 400u) << c;
        EXPECT_EQ(status("/a?b"), query ? 0u : 400u) << c;
        EXPECT_EQ(status("http://a/"), path ? 0u : 400u) << c;
    }
}

TEST(RequestHead, HoldsItsLimitsToTheByte) {
    const HeadLimits limits{.line = 20, .field = 12, .total = 40, .fields = 3};
    struct Case {
        std::string input;
        unsigned status;
    };
    const std::string line = "GET / HTTP/1.1\r\n";
    const Case cases[] = {
        {"GET /" + std::string(6, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        {"GET /" + std::string(7, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {line + "Host: a\r\nX: " + std::string(9, 'x') + "\r\n\r\n", 0},
        {line + "Host: a\r\nX: " + std::string(10, 'x') + "\r\n\r\n", 431},
        {line + "Host: a\r\nA: 45678\r\nB: 4567890\r\n\r\n", 0},              // 9 + 10 + 12 of 40
        {line + "Host: aaaaa\r\nA: 4567890\r\nB: 45678901\r\n\r\n", 0},       // 13 + 12 + 13
        {line + "Host: aaaaaa\r\nA: 456789012\r\nB: 4567890\r\n\r\n", 0},     // 14 + 14 + 12
        {line + "Host: aaaaaa\r\nA: 456789012\r\nB: 45678901\r\n\r\n", 431},  // 14 + 14 + 13
        {line + "Host: a\r\nA:\r\nB:\r\n\r\n", 0},
        {line + "Host: a\r\nA:\r\nB:\r\nC:\r\n\r\n", 431},
        {line + "Host: a\r\nA:\r\nB:\r\nTE:\r\n\r\n", 431},  // fields that are left out count
    };
    for (const Case& c : cases) {
        EXPECT_EQ(parse(c.input, limits).status(), c.status) << c.input;
        EXPECT_EQ(parseSplit(c.input, everyByte(c.input.size()), limits).status(), c.status) << c.input;
    }
}

TEST(RequestHead, RefusesAnEndlessLineAtTheLimit) {
    const HeadLimits limits;
    const std::string line = "GET /" + std::string(limits.line - 4, 'x');
    EXPECT_EQ(parse(line.substr(0, limits.line)).result.state, Parse::Incomplete);
    EXPECT_EQ(parse(line).status(), 414u);
    const std::string field = "GET / HTTP/1.1\r\nX: " + std::string(limits.field - 2, 'x');
    EXPECT_EQ(parse(field.substr(0, field.size() - 1)).result.state, Parse::Incomplete);
    EXPECT_EQ(parse(field).status(), 431u);
}

TEST(RequestHead, RefusesBeforeTheHeadIsComplete) {
    EXPECT_EQ(parse("\x16\x03\x01").status(), 400u);  // TLS on a plain port
    EXPECT_EQ(parse("GET / HTTP/1.1\n").status(), 400u);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: a\n").status(), 400u);
    EXPECT_EQ(parse("PRI * HTTP/2.0\r\n").status(), 505u);
    EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost : a\r\n").status(), 400u);
}

}  // namespace
}  // namespace turnpike::http
