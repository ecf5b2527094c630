// Answers that begin before the body of their request has come, and what becomes of that body and the connection.
#include <cstdio>

#include "wire.h"

namespace turnpike::wire {
namespace {

constexpr size_t kMostDrained = 256u << 10;

class WireEarly : public WireTest<WireEarly> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("linger = \"300ms\"\nbody_gap = \"300ms\"\n");
    }
};

std::string head(const std::string& path, const std::string& framing, const std::string& fields = "") {
    return request(path, framing + "\r\n" + fields, "POST");
}
std::string length(size_t size) { return "Content-Length: " + std::to_string(size); }
const std::string kChunked = "Transfer-Encoding: chunked";

/// What looks like a request, and is the body of one.
const std::string kHidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A body and the framing that tells its length.
struct Body {
    std::string framing, bytes;
    size_t text;
};
Body inOne(const std::string& text) { return {length(text.size()), text, text.size()}; }
Body inChunks(const std::string& text) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx", text.size());
    return {kChunked, std::string(size) + "\r\n" + text + "\r\n0\r\nX-Trailer: 1\r\n\r\n", text.size()};
}

void expectOneMore(RawClient& client) {
    client.send(kHello + request("/hello", "Connection: close\r\n"));
    EXPECT_EQ(client.answer().body, "hello\n");
    EXPECT_EQ(client.answer().body, "hello\n");
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "") << "an answer to what nobody asked";
    EXPECT_TRUE(closed);
}

TEST_F(WireEarly, StillGetTheBodyAndKeepTheConnection) {
    for (const Body& body : {inOne("hello"), inChunks("hello"), inOne(std::string(1u << 20, 'x'))}) {
        RawClient client(port());
        client.send(head("/early", body.framing));
        const std::string begun = client.until("early ");
        EXPECT_TRUE(begun.ends_with("early ")) << begun;
        EXPECT_EQ(begun.find("Connection:"), std::string::npos) << begun;
        client.send(body.bytes);
        EXPECT_GT(client.until("0\r\n\r\n").size(), body.text);
        expectOneMore(client);
    }
}

TEST_F(WireEarly, StillGetABodyThatIsHereAndTheRequestsBehindIt) {
    RawClient client(port());
    client.send(head("/early", length(5)) + "hello" + kHello + head("/early", kChunked) + inChunks(kHidden).bytes);
    EXPECT_EQ(client.answer().body, "early hello");
    EXPECT_EQ(client.answer().body, "hello\n");
    EXPECT_EQ(client.answer().body, "early " + kHidden);
    expectOneMore(client);
}

TEST_F(WireEarly, DropWhatNobodyReadsAndKeepTheConnection) {
    for (const char* path : {"/hello", "/1m", "/missing", "/file.txt"})
        for (const Body& body : {inOne(kHidden), inChunks(kHidden), inOne(std::string(kMostDrained, 'x'))}) {
            SCOPED_TRACE(std::string(path) + " " + body.framing);
            RawClient client(port());
            client.send(head(path, body.framing));
            const Answer answer = client.answer();
            EXPECT_TRUE(answer.whole);
            EXPECT_EQ(answer.field("connection"), "");
            client.sendSlowly(body.bytes, 60'000);
            expectOneMore(client);
        }
}

TEST_F(WireEarly, SayCloseWhenMoreIsToComeThanIsDropped) {
    RawClient client(port());
    client.send(head("/hello", length(kMostDrained + 1)));
    EXPECT_EQ(client.answer().field("connection"), "close");
    EXPECT_EQ(client.rest(), "");
}

TEST_F(WireEarly, TakeNoMoreThanThatOfUnknownLength) {
    RawClient client(port());
    client.send(head("/hello", kChunked));
    EXPECT_TRUE(client.answer().whole);
    client.send(inChunks(std::string(kMostDrained, 'x')).bytes + kHello);
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "") << "the request behind it was not read";
    EXPECT_TRUE(closed);
}

TEST_F(WireEarly, WaitOnlySoLongForABodyThatNobodyReads) {
    for (const std::string& framing : {length(5), kChunked}) {
        RawClient client(port());
        client.send(head("/hello", framing) + (framing == kChunked ? "5\r\nhel" : "hel"));
        EXPECT_TRUE(client.answer().whole);
        bool closed = false;
        EXPECT_EQ(client.rest(5000, &closed), "");
        EXPECT_TRUE(closed);
    }
}

TEST_F(WireEarly, NeverTakeABrokenBodyForARequest) {
    RawClient client(port());
    client.send(head("/hello", kChunked));
    EXPECT_TRUE(client.answer().whole);
    client.send("no length\r\n" + kHello);
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "");
    EXPECT_TRUE(closed);
}

TEST_F(WireEarly, AreCutWhenTheBodyThatIsReadStops) {
    RawClient client(port());
    client.send(head("/early", length(5)) + "hel");
    bool closed = false;
    const std::string bytes = client.rest(5000, &closed);
    EXPECT_TRUE(closed);
    EXPECT_NE(bytes.find("early "), std::string::npos) << bytes;
    EXPECT_EQ(bytes.find("0\r\n\r\n"), std::string::npos) << bytes;
}

TEST_F(WireEarly, CloseWhereTheClientMayHaveLeftTheBodyOut) {
    for (const char* path : {"/hello", "/early"}) {
        RawClient client(port());
        client.send(head(path, length(kHidden.size()), "Expect: 100-continue\r\n"));
        EXPECT_NE(client.until("\r\n\r\n").find("\r\nConnection: close\r\n"), std::string::npos);
        client.send(kHidden + kHello);
        bool closed = false;
        const std::string rest = client.rest(5000, &closed);
        EXPECT_TRUE(closed);
        EXPECT_EQ(rest.find("HTTP/1.1 200"), std::string::npos) << rest;
    }
}

TEST_F(WireEarly, KeepAnOldClientsConnectionThatAsksForIt) {
    RawClient client(port());
    const std::string old =
        "POST /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n";
    client.send(old);
    EXPECT_EQ(client.answer().field("connection"), "keep-alive");
    client.send("hello");
    expectOneMore(client);
}

TEST_F(WireEarly, EndTheirHeadAlsoWithoutABody) {
    RawClient client(port());
    client.send(request("/hello", length(5) + "\r\n", "HEAD"));
    EXPECT_EQ(client.answer(true).field("content-length"), "6");
    client.send("hello");
    expectOneMore(client);
}

}  // namespace
}  // namespace turnpike::wire
