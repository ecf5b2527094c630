// Clients that are slow on purpose. Only the order of events decides here, never how long they took.
#include <poll.h>

#include <chrono>
#include <thread>

#include "wire.h"

namespace turnpike::wire {
namespace {

class WireDeadlines : public WireTest<WireDeadlines> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>(
            "header = \"400ms\"\nbody_gap = \"400ms\"\nbody_rate = 100000\n"
            "keepalive = \"300ms\"\nwrite = \"500ms\"\nwrite_rate = \"8MiB\"\n"
            "linger = \"300ms\"");
    }
};

/// Sends `bytes` one by one until the server has said something or they are out; all that came until the end.
std::string trickle(RawClient& client, const std::string& bytes, bool* closed, size_t* sent) {
    std::string got;
    for (*sent = 0; *sent < bytes.size(); ++*sent) {
        if (!client.send(bytes.substr(*sent, 1))) break;
        got += client.rest(20, closed);
        if (*closed || !got.empty()) break;
    }
    return got + client.rest(5000, closed);
}

void expectTimeout(const std::string& got, bool closed) {
    EXPECT_TRUE(got.starts_with("HTTP/1.1 408 ")) << got;
    EXPECT_NE(got.find("\r\nConnection: close\r\n"), std::string::npos) << got;
    EXPECT_EQ(got.find("HTTP/1.1 ", 1), std::string::npos) << got;
    EXPECT_TRUE(closed);
}

TEST_F(WireDeadlines, EndAHeadThatTricklesHoweverSteadily) {
    RawClient client(port());
    bool closed = false;
    size_t sent = 0;
    std::string got = trickle(client, request("/hello", "X: " + std::string(2000, 'x') + "\r\n"), &closed, &sent);
    expectTimeout(got, closed);
    EXPECT_LT(sent, 2000u);
}

int count(const std::string& text, std::string_view what) {
    int found = 0;
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; ++at) ++found;
    return found;
}

TEST_F(WireDeadlines, EndAHeadThatStops) {
    for (const char* part : {"G", "GET /hello HTTP/1.1\r\n", "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r"})
        expectTimeout(talk(port(), part).bytes, true);
}

TEST_F(WireDeadlines, EndALaterHeadThatTricklesAsWell) {
    for (bool pipelined : {false, true}) {
        SCOPED_TRACE(pipelined);
        RawClient client(port());
        client.send(pipelined ? kHello + "GET /he" : kHello);
        EXPECT_EQ(client.answer().status, 200);
        bool closed = false;
        size_t sent = 0;
        const std::string rest = pipelined ? "llo?" : "GET /hello?";
        const std::string got = trickle(client, rest + std::string(2000, 'x'), &closed, &sent);
        expectTimeout(got, closed);
        EXPECT_LT(sent, 2000u);
    }
}

TEST_F(WireDeadlines, EndAConnectionThatNeverAsks) {
    Talk got = talk(port(), "");
    EXPECT_TRUE(got.closed);
    EXPECT_EQ(got.bytes, "");
}

TEST_F(WireDeadlines, EndAnIdleConnectionWithoutAWord) {
    RawClient client(port());
    client.send(kHello);
    EXPECT_EQ(client.answer().status, 200);
    bool closed = false;
    EXPECT_EQ(client.rest(5000, &closed), "");
    EXPECT_TRUE(closed);
}

TEST_F(WireDeadlines, EndABodyThatStops) {
    for (const char* framing : {"Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n64\r\n"}) {
        Talk got = talk(port(), std::string("POST /spool HTTP/1.1\r\nHost: localhost\r\n") + framing + "part");
        expectTimeout(got.bytes, got.closed);
    }
}

TEST_F(WireDeadlines, EndABodyThatTrickles) {
    for (const char* framing : {"Content-Length: 100000\r\n", "Transfer-Encoding: chunked\r\n"}) {
        RawClient client(port());
        client.send(request("/spool", framing, "POST"));
        std::string bytes;
        for (int i = 0; i < 2000; ++i) bytes += framing[0] == 'C' ? "xxxxxx" : "1\r\nx\r\n";
        bool closed = false;
        size_t sent = 0;
        const std::string got = trickle(client, bytes, &closed, &sent);
        expectTimeout(got, closed);
        EXPECT_LT(sent, bytes.size());
    }
}

// The clock of a body runs only while the server waits for the client.
TEST_F(WireDeadlines, DoNotBlameTheClientForASlowHandler) {
    RawClient client(port());
    client.send(request("/late", "Expect: 100-continue\r\nContent-Length: 5\r\n", "POST"));
    EXPECT_EQ(client.answer().status, 100);
    client.send("hello");
    Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "5 bytes in memory\n");
}

TEST_F(WireDeadlines, CutAClientThatTakesNothing) {
    for (const char* path : {"/pieces", "/1m"}) {
        const std::string cause = "takes nothing of its answer (limits.write)";
        const int before = count(site().server().errorLog(), cause);
        RawClient client(port());
        std::string many;
        for (int i = 0; i < 40; ++i) many += request(path);
        client.send(many);
        for (int i = 0; i < 500 && count(site().server().errorLog(), cause) == before; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        bool closed = false;
        std::string got = client.rest(10'000, &closed);
        EXPECT_TRUE(closed) << path;
        EXPECT_LT(got.size(), 39u << 20) << path;
        EXPECT_EQ(ask(port(), kHello).status, 200);
    }
}

TEST_F(WireDeadlines, CutAClientThatTakesHardlyAnything) {
    // Enough to look alive each time, and far less than write_rate.
    RawClient client(port());
    client.send(request("/pieces"));
    const std::string cause = "limits.write_rate";
    for (int i = 0; i < 500 && count(site().server().errorLog(), cause) == 0; ++i) client.take(16384, 20);
    EXPECT_EQ(count(site().server().errorLog(), cause), 1);
}

TEST_F(WireDeadlines, CutAClientThatSendsButTakesNothing) {
    RawClient client(port());
    client.send(request("/echo", "Transfer-Encoding: chunked\r\n", "POST"));
    const std::string chunk = "10000\r\n" + std::string(65536, 'e') + "\r\n";
    // Its own sending blocks once the echo cannot leave; the server must not wait for ever.
    while (client.send(chunk)) {
    }
    EXPECT_EQ(ask(port(), kHello).status, 200);
}

}  // namespace
}  // namespace turnpike::wire
