// Expect: 100-continue (RFC 9110 section 10.1.1).
#include "wire.h"

namespace turnpike::wire {
namespace {

class WireExpect : public WireTest<WireExpect> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }
};

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string expecting(const std::string& path, const std::string& fields = "Content-Length: 5\r\n") {
    return request(path, "Expect: 100-continue\r\n" + fields, "POST");
}

TEST_F(WireExpect, SaysContinueOnceTheBodyIsWanted) {
    for (const char* framing : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
        RawClient client(port());
        client.send(expecting("/spool", framing));
        Answer interim = client.answer();
        EXPECT_EQ(interim.head, kContinue);
        client.send(framing[0] == 'C' ? "hello" : "5\r\nhello\r\n0\r\n\r\n");
        EXPECT_EQ(client.answer().body, "5 bytes in memory\n");
        client.send(kHello);
        EXPECT_EQ(client.answer().body, "hello\n");
    }
}

TEST_F(WireExpect, NeverSaysItBehindTheHeadOfTheAnswer) {
    // This handler begins its answer before it asks for the body.
    RawClient client(port());
    client.send(expecting("/echo"));
    const std::string head = client.rest(200);
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
    client.send("hello");
    const std::string body = client.rest();
    EXPECT_EQ((head + body).find("100 Continue"), std::string::npos) << head << body;
    EXPECT_TRUE(body.ends_with("5\r\nhello\r\n0\r\n\r\n")) << body;
}

TEST_F(WireExpect, DoesNotSayItWhenTheBodyIsThereAlready) {
    RawClient client(port());
    client.send(expecting("/spool") + "hello" + kHello);
    EXPECT_EQ(client.answer().body, "5 bytes in memory\n");
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireExpect, DoesNotSayItWhenNobodyWantsTheBody) {
    for (const char* path : {"/hello", "/missing"}) {
        Talk got = talk(port(), expecting(path));
        EXPECT_FALSE(got.has("100 Continue")) << path;
        EXPECT_EQ(got.answers, 1) << path;
        EXPECT_TRUE(got.has("\r\nConnection: close\r\n")) << path;
        EXPECT_TRUE(got.closed) << path;
    }
}

TEST_F(WireExpect, DoesNotSayItForABodyThatIsRefusedOrAbsent) {
    Talk got = talk(port(), expecting("/spool", "Content-Length: 99999999999\r\n"));
    EXPECT_EQ(got.status, 413);
    EXPECT_EQ(got.answers, 1);
    got = talk(port(), expecting("/spool", "Content-Length: 0\r\nConnection: close\r\n"));
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.answers, 1);
}

TEST_F(WireExpect, IgnoresItFromAnOldClient) {
    Talk got =
        talk(port(),
             "POST /spool HTTP/1.0\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.answers, 1);
}

TEST_F(WireExpect, RefusesOtherExpectations) {
    expectRefused(port(), {
                              {"unknown", request("/hello", "Expect: miracles\r\n"), 417},
                              {"more than one", request("/hello", "Expect: 100-continue, miracles\r\n"), 417},
                              {"parameter", request("/hello", "Expect: 100-continue=1\r\n"), 417},
                          });
    EXPECT_EQ(ask(port(), request("/hello", "Expect: 100-CONTINUE\r\n")).status, 200);
}

}  // namespace
}  // namespace turnpike::wire
