// The chunked coding in both directions.
#include "wire.h"

namespace turnpike::wire {
namespace {

using namespace std::string_literals;

class WireChunked : public WireTest<WireChunked> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }
};

std::string chunked(const std::string& body, const std::string& path = "/spool") {
    return request(path, "Transfer-Encoding: chunked\r\n", "POST") + body;
}

TEST_F(WireChunked, TakesEveryFormOfTheGrammar) {
    struct {
        const char* what;
        std::string body;
        size_t size;
    } cases[] = {
        {"no chunk", "0\r\n\r\n", 0},
        {"one chunk", "5\r\nhello\r\n0\r\n\r\n", 5},
        {"hex in either case", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", 20},
        {"zeros before the size", "0005\r\nhello\r\n000\r\n\r\n", 5},
        {"sixteen digits", "0000000000000005\r\nhello\r\n0\r\n\r\n", 5},
        {"extensions", "5;a;b=c;d=\"e f\\\"g\"\r\nhello\r\n0;last\r\n\r\n", 5},
        {"blanks around an extension", "5 ; a = b ;c\r\nhello\r\n0\r\n\r\n", 5},
        {"trailers", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Other:\r\n\r\n", 5},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        RawClient client(port());
        client.send(chunked(c.body) + kHello);
        EXPECT_EQ(client.answer().body, std::to_string(c.size) + " bytes in memory\n");
        EXPECT_EQ(client.answer().body, "hello\n");
    }
}

TEST_F(WireChunked, RefusesEverythingElse) {
    std::vector<Refused> cases;
    for (const std::string& body : {""s + "\r\n\r\n",
                                    "g\r\n"s,
                                    "0x5\r\nhello\r\n0\r\n\r\n"s,
                                    "+5\r\nhello\r\n0\r\n\r\n"s,
                                    "-5\r\nhello\r\n0\r\n\r\n"s,
                                    "5_0\r\nhello\r\n0\r\n\r\n"s,
                                    " 5\r\nhello\r\n0\r\n\r\n"s,
                                    "5 \r\nhello\r\n0\r\n\r\n"s,
                                    "5\nhello\r\n0\r\n\r\n"s,
                                    "5\r\nhello\n0\r\n\r\n"s,
                                    "5\rhello\r\n0\r\n\r\n"s,
                                    "5\r\nhello0\r\n\r\n"s,
                                    "5\r\nhelloX\r\n0\r\n\r\n"s,
                                    "4\r\nhello\r\n0\r\n\r\n"s,
                                    "5;\r\nhello\r\n0\r\n\r\n"s,
                                    "5;=x\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a=\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a b\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a=\"b\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a=b\rc\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a=\0b\r\nhello\r\n0\r\n\r\n"s,
                                    "5;a\nb\r\nhello\r\n0\r\n\r\n"s,
                                    "5, 5\r\nhello\r\n0\r\n\r\n"s,
                                    "8000000000000000\r\nhello"s,
                                    "fffffffffffffffff\r\nhello"s,
                                    "00000000000000005\r\nhello\r\n0\r\n\r\n"s,
                                    "5;" + std::string(300, 'a') + "\r\nhello\r\n0\r\n\r\n",
                                    "0\r\n\n"s,
                                    "0\r\nX: y\n\r\n"s,
                                    "0\r\nX\r\n\r\n"s,
                                    "0\r\nX : y\r\n\r\n"s,
                                    "0\r\nX: a\rb\r\n\r\n"s,
                                    "0\r\n X: y\r\n\r\n"s,
                                    "0\r\nX: a\0\r\n\r\n"s,
                                    "0\r\nX: " + std::string(9000, 'a') + "\r\n\r\n"})
        cases.push_back({"chunks", chunked(body), 400});
    expectRefused(port(), cases);
}

TEST_F(WireChunked, BoundsTheExtensionsOfAMessage) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "1;" + std::string(200, 'x') + "\r\na\r\n";
    Talk got = talk(port(), chunked(many + "0\r\n\r\n") + kHello);
    EXPECT_EQ(got.status, 400);
    EXPECT_EQ(got.answers, 1);
}

TEST_F(WireChunked, BoundsTheTrailersOfAMessage) {
    const std::string line = "X-Sum: " + std::string(2041, 'a') + "\r\n";  // 2048 bytes and the line's end
    const std::string most = "5\r\nhello\r\n0\r\n" + line + line + line + line;
    RawClient client(port());
    client.send(chunked(most + "\r\n") + kHello);
    EXPECT_EQ(client.answer().body, "5 bytes in memory\n");
    EXPECT_EQ(client.answer().body, "hello\n");
    std::string many = "0\r\n";
    for (int i = 0; i < 4097; ++i) many += "a:\r\n";
    expectRefused(port(), {{"one line more", chunked(most + "a:\r\n\r\n"), 400},
                           {"many small ones", chunked(many + "\r\n"), 400},
                           {"no end", chunked("0\r\nX: " + std::string(9000, 'a')), 400}});
}

TEST_F(WireChunked, DropsTrailersThatWouldChangeTheRequest) {
    RawClient client(port());
    client.send(
        chunked("5\r\nhello\r\n0\r\nHost: evil.example\r\nContent-Length: 100\r\nTransfer-Encoding: gzip\r\n"
                "Cookie: a=b\r\nConnection: close\r\n\r\n",
                "/spool") +
        request("/view"));
    EXPECT_EQ(client.answer().body, "5 bytes in memory\n");
    Answer next = client.answer();
    EXPECT_EQ(next.status, 200);
    EXPECT_EQ(next.body.find("cookie"), std::string::npos) << next.body;
    EXPECT_NE(next.body.find("host=localhost\n"), std::string::npos);
}

TEST_F(WireChunked, GoesThroughInBothDirectionsWhateverTheSplit) {
    std::string body, wanted;
    for (size_t size : {1u, 15u, 16u, 255u, 4096u, 70000u}) {
        char head[32];
        std::snprintf(head, sizeof head, "%zx\r\n", size);
        std::string part(size, static_cast<char>('a' + size % 26));
        body += head + part + "\r\n";
        wanted += part;
    }
    body += "0\r\n\r\n";
    for (size_t step : {size_t{977}, size_t{65536}, body.size() + 1000}) {
        RawClient client(port());
        client.sendSlowly(chunked(body, "/echo"), step);
        Answer answer = client.answer();
        EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
        EXPECT_TRUE(answer.whole);
        EXPECT_TRUE(answer.body == wanted) << answer.body.size() << " bytes, not " << wanted.size();
    }
}

TEST_F(WireChunked, SendsExactlyTheChunksOfTheAnswer) {
    Talk got = talk(port(), request("/stream", "Connection: close\r\n"));
    EXPECT_TRUE(got.bytes.ends_with("\r\n\r\n4\r\none \r\n4\r\ntwo \r\n6\r\nthree\n\r\n0\r\n\r\n")) << got.bytes;
    EXPECT_FALSE(got.has("Content-Length"));
}

TEST_F(WireChunked, NeverEndsAnAnswerThatIsNotWhole) {
    for (const char* path : {"/half", "/short"}) {
        Talk got = talk(port(), request(path) + kHello);
        EXPECT_LE(got.answers, 1) << path;
        EXPECT_TRUE(got.closed) << path;
        EXPECT_FALSE(got.has("\r\n0\r\n\r\n")) << path;
    }
}

}  // namespace
}  // namespace turnpike::wire
