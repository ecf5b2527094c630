// One connection, many requests: when it goes on, in what order, and when it ends.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "wire.h"

namespace turnpike::wire {
namespace {

class WireKeepAlive : public WireTest<WireKeepAlive> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>("requests_per_connection = 300"); }
};

/// Packets that come with one answer, until the server has closed or, if it does not, the answer is here.
int packetsOf(uint16_t port, const std::string& request) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int packets = -1;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 &&
        ::send(fd, request.data(), request.size(), 0) == static_cast<ssize_t>(request.size())) {
        char bytes[4096];
        const bool to_the_end = request.find("close") != std::string::npos;
        while (::recv(fd, bytes, sizeof bytes, 0) > 0 && to_the_end) {
        }
        tcp_info info{};
        socklen_t size = sizeof info;
        if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
            packets = static_cast<int>(info.tcpi_segs_in);
    }
    ::close(fd);
    return packets;
}

/// The least of some tries: a packet may be an acknowledgement that the kernel was in a hurry with.
TEST_F(WireKeepAlive, TheLastAnswerAndTheEndAreOnePacket) {
    int open = 1000, closed = 1000;
    for (int i = 0; i < 20; ++i) {
        open = std::min(open, packetsOf(port(), request("/hello")));
        closed = std::min(closed, packetsOf(port(), request("/hello", "Connection: close\r\n")));
    }
    EXPECT_GT(open, 0);
    EXPECT_EQ(closed, open);
}

TEST_F(WireKeepAlive, FollowsVersionAndConnection) {
    struct {
        const char* version;
        const char* connection;
        const char* told;  // the Connection field of the answer
        bool goes_on;
    } cases[] = {
        {"1.1", "", "", true},
        {"1.1", "Connection: keep-alive\r\n", "", true},
        {"1.1", "Connection: close\r\n", "close", false},
        {"1.1", "Connection: CLOSE\r\n", "close", false},
        {"1.1", "Connection: x, close\r\n", "close", false},
        {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", "close", false},
        {"1.1", "Connection: close, keep-alive\r\n", "close", false},
        {"1.1", "Connection: closed\r\n", "", true},
        {"1.1", "Proxy-Connection: close\r\n", "", true},
        {"1.0", "", "close", false},
        {"1.0", "Connection: close\r\n", "close", false},
        {"1.0", "Connection: keep-alive\r\n", "keep-alive", true},
        {"1.0", "Connection: Keep-Alive\r\n", "keep-alive", true},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.version) + " " + c.connection);
        std::string bytes =
            std::string("GET /hello HTTP/") + c.version + "\r\nHost: localhost\r\n" + c.connection + "\r\n";
        RawClient client(port());
        client.send(bytes);
        Answer first = client.answer();
        EXPECT_EQ(first.status, 200);
        EXPECT_TRUE(first.whole);
        EXPECT_EQ(first.field("connection"), c.told);
        bool closed = false;
        EXPECT_EQ(client.rest(c.goes_on ? 30 : 5000, &closed), "");
        EXPECT_EQ(closed, !c.goes_on);
        if (!c.goes_on) continue;
        client.send(kHello);
        EXPECT_EQ(client.answer().status, 200);
    }
}

TEST_F(WireKeepAlive, EndsAnOldClientsAnswerOfUnknownLengthWithTheConnection) {
    Talk got = talk(port(), "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kHello);
    EXPECT_EQ(got.status, 421);  // no Host, and no site takes that
    got = talk(port(), "GET /stream HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n" + kHello);
    EXPECT_EQ(got.answers, 1);
    EXPECT_TRUE(got.closed);
    EXPECT_TRUE(got.has("\r\nConnection: close\r\n"));
    EXPECT_TRUE(got.bytes.ends_with("\r\n\r\none two three\n")) << got.bytes;
    EXPECT_FALSE(got.has("Transfer-Encoding"));
    EXPECT_FALSE(got.has("Content-Length"));
}

TEST_F(WireKeepAlive, AnswersPipelinedRequestsInTheirOrder) {
    // Ways to answer that take different times, and errors that leave the framing clear.
    const struct {
        std::string bytes;
        int status;
        const char* in_body;
    } cases[] = {
        {request("/timer"), 200, "in time"},
        {request("/hello"), 200, "hello"},
        {request("/missing"), 404, "404 Not Found"},
        {request("/pool"), 200, "from the pool"},
        {post("/echo", "one body"), 200, "one body"},
        {request("/fail"), 502, "502"},
        {request("/file.txt"), 200, "a file"},
        {request("/cgi-bin/hello"), 200, "from a program"},
        {post("/hello", "an unread body"), 200, "hello"},
        {post("/spool", std::string(100'000, 'x')), 200, "100000 bytes in a file"},
        {request("/stream"), 200, "one two three"},
        {request("/1k"), 200, "kkk"},
        {request("/throw"), 500, "500"},
        {request("/redirect"), 200, "from=redirect"},
        {request("/", "Connection: close\r\n"), 200, "index"},
    };
    std::string all;
    for (const auto& c : cases) all += c.bytes;
    RawClient client(port());
    client.send(all);
    for (const auto& c : cases) {
        SCOPED_TRACE(shown(c.bytes));
        Answer answer = client.answer();
        EXPECT_EQ(answer.status, c.status);
        EXPECT_TRUE(answer.whole);
        EXPECT_NE(answer.body.find(c.in_body), std::string::npos) << answer.body;
    }
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "");
    EXPECT_TRUE(closed);
}

TEST_F(WireKeepAlive, AnswersManyPipelinedRequestsBehindABody) {
    constexpr int kMany = 250;
    std::string all = post("/spool", std::string(65536, 'b'));
    for (int i = 0; i < kMany; ++i) all += request("/view?" + std::to_string(i));
    RawClient client(port());
    client.send(all);
    EXPECT_EQ(client.answer().body, "65536 bytes in memory\n");
    for (int i = 0; i < kMany; ++i)
        EXPECT_NE(client.answer().body.find("query=" + std::to_string(i) + "\n"), std::string::npos) << i;
}

TEST_F(WireKeepAlive, AnswersNothingBehindTheRequestThatAskedToClose) {
    Talk got = talk(port(), kHello + request("/1k", "Connection: close\r\n") + kHello + kHello);
    EXPECT_EQ(got.answers, 2);
    EXPECT_TRUE(got.closed);
}

TEST_F(WireKeepAlive, KeepsTheAnswersBeforeABadRequest) {
    Talk got = talk(port(), kHello + request("/1k") + "BAD\r\n\r\n" + kHello);
    EXPECT_EQ(got.answers, 3);
    EXPECT_EQ(got.status, 200);
    EXPECT_TRUE(got.has("HTTP/1.1 400 "));
    EXPECT_TRUE(got.closed);
}

TEST_F(WireKeepAlive, ClosesAfterSoManyRequestsAndSaysSo) {
    std::string all;
    for (int i = 0; i < 310; ++i) all += kHello;
    Talk got = talk(port(), all);
    EXPECT_EQ(got.answers, 300);
    EXPECT_TRUE(got.closed);
    size_t first = got.bytes.find("Connection: close");
    EXPECT_GT(first, got.bytes.rfind("HTTP/1.1 200"));
}

// An unread answer must not be thrown away by the close when more input is waiting.
TEST_F(WireKeepAlive, LosesNothingOfALargeAnswerWhenMoreInputWaits) {
    std::string behind;
    for (int i = 0; i < 3000; ++i) behind += kHello;
    RawClient client(port());
    client.send(request("/1m", "Connection: close\r\n") + behind);
    Answer answer = client.answer();
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body.size(), 1u << 20);
}

}  // namespace
}  // namespace turnpike::wire
