// The head of an answer, byte by byte where bytes are promised.
#include <algorithm>
#include <regex>

#include "wire.h"

namespace turnpike::wire {
namespace {

class WireResponses : public WireTest<WireResponses> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }

 protected:
    static size_t count(const Answer& answer, const std::string& name) {
        return static_cast<size_t>(std::count_if(answer.fields.begin(), answer.fields.end(),
                                                 [&](const auto& field) { return field.first == name; }));
    }
};

const std::string kDate =
    "Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|"
    "Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n";

TEST_F(WireResponses, HaveExactlyThisHead) {
    struct {
        std::string request, head;
    } cases[] = {
        {request("/hello"),
         "HTTP/1.1 200 OK\r\n" + kDate + "content-type: text/plain\r\nContent-Length: 6\r\n\r\n"},
        {request("/hello", "Connection: close\r\n"),
         "HTTP/1.1 200 OK\r\n" + kDate +
             "content-type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\n"},
        {"GET /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
         "HTTP/1.1 200 OK\r\n" + kDate +
             "content-type: text/plain\r\nContent-Length: 6\r\nConnection: keep-alive\r\n\r\n"},
        {request("/stream"),
         "HTTP/1.1 200 OK\r\n" + kDate + "content-type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"},
    };
    for (const auto& c : cases) {
        Answer answer = ask(port(), c.request);
        EXPECT_TRUE(std::regex_match(answer.head, std::regex(c.head))) << answer.head;
    }
}

TEST_F(WireResponses, FrameEachAnswerOnceAndOnlyOnce) {
    for (const char* path : {"/hello", "/1k", "/1m", "/stream", "/missing", "/fail", "/throw", "/view",
                             "/file.txt", "/", "/cgi-bin/hello", "/badfield", "/framing"}) {
        for (const char* version : {"1.1", "1.0"}) {
            SCOPED_TRACE(std::string(path) + " " + version);
            Answer answer = ask(port(), std::string("GET ") + path + " HTTP/" + version +
                                            "\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
            EXPECT_EQ(count(answer, "date"), 1u);
            EXPECT_EQ(count(answer, "server"), 0u);
            EXPECT_LE(count(answer, "connection"), 1u);
            bool closes = answer.field("connection") == "close";
            EXPECT_EQ(count(answer, "content-length") + count(answer, "transfer-encoding"), closes ? 0u : 1u)
                << answer.head;
            EXPECT_TRUE(answer.whole);
            EXPECT_EQ(answer.head.find("Set-Cookie"), std::string::npos);
        }
    }
}

TEST_F(WireResponses, LeaveTheFramingToTheServerWhateverAPluginSays) {
    RawClient client(port());
    client.send(request("/framing") + kHello);
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("x-own"), "kept");
    EXPECT_EQ(answer.body, "framed\n");
    for (const char* name : {"upgrade", "keep-alive", "proxy-connection", "te", "trailer", "connection"})
        EXPECT_EQ(count(answer, name), 0u) << name;
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireResponses, ToHeadAreThoseToGetWithoutTheBody) {
    for (const char* path : {"/hello", "/1m", "/stream", "/missing", "/fail", "/file.txt", "/", "/cgi-bin/hello",
                             "/pieces", "/short"}) {
        SCOPED_TRACE(path);
        RawClient client(port());
        client.send(request(path, "", "HEAD") + kHello);
        Answer head = client.answer(true);
        Answer next = client.answer();
        EXPECT_EQ(next.body, "hello\n");
        if (path == std::string("/short")) continue;  // a GET of it ends the connection
        RawClient other(port());
        other.send(request(path));
        Answer get = other.answer();
        EXPECT_EQ(head.status, get.status);
        EXPECT_EQ(head.field("content-type"), get.field("content-type"));
        if (head.field("content-length") == "") continue;
        EXPECT_EQ(head.field("content-length"), get.field("content-length"));
    }
}

TEST_F(WireResponses, HaveNoBodyWhereNoneIsAllowed) {
    RawClient client(port());
    client.send(request("/file.txt"));
    std::string tag = client.answer().field("etag");
    ASSERT_NE(tag, "");
    client.send(request("/file.txt", "If-None-Match: " + tag + "\r\n") + kHello);
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 304);
    EXPECT_EQ(answer.field("content-length"), "");
    EXPECT_EQ(answer.field("transfer-encoding"), "");
    EXPECT_EQ(client.answer().body, "hello\n");
    client.send(request("*", "", "OPTIONS") + kHello);
    EXPECT_EQ(client.answer().status, 204);
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireResponses, CutABodyThatIsLongerThanPromised) {
    RawClient client(port());
    client.send(request("/long") + kHello);
    Answer answer = client.answer();
    EXPECT_EQ(answer.field("content-length"), "4");
    EXPECT_EQ(answer.body, "long");
    EXPECT_EQ(client.answer().body, "hello\n");
}

TEST_F(WireResponses, SayWhenToComeBackWhenTheServerIsBusy) {
    Answer answer = ask(port(), request("/busy"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.field("retry-after"), "");
}

// The reader keeps up, so the socket always has room: what the server leaves for its next turn must have one.
TEST_F(WireResponses, SendALargeFileToTheEnd) {
    constexpr size_t kSize = 96u << 20;
    site().root().write("large.bin", "");
    ASSERT_EQ(::truncate((site().root().path() + "/large.bin").c_str(), kSize), 0);
    for (int i = 0; i < 3; ++i) {
        Answer answer = ask(port(), request("/large.bin"));
        ASSERT_EQ(answer.body.size(), kSize);
    }
}

}  // namespace
}  // namespace turnpike::wire
