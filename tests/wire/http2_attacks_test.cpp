// Clients that make work for nothing. The budget is 200 at once and 50 a second: what these tests send in far less
// time than would fill it again must end the connection.
#include <chrono>

#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Attacks : public WireTest<WireHttp2Attacks> {
 public:
    static std::unique_ptr<Site> makeSite() {
        return std::make_unique<Site>("header = \"700ms\"\nwrite = \"500ms\"\nkeepalive = \"20s\"");
    }

 protected:
    /// Sends `bytes` over and over in portions of `most` of them, until the server has enough or `times` are sent.
    static void flood(H2& client, const std::string& bytes, int times = 20'000) {
        std::string portion;
        for (int i = 0; i < 100; ++i) portion += bytes;
        for (int sent = 0; sent < times && client.send(portion); sent += 100) client.read(0);
    }
    static void expectCalm(H2& client) {
        EXPECT_EQ(client.goAway(), H2::kCalm);
        EXPECT_TRUE(client.waitClosed());
    }
    /// The budget, what came back of it since the test began, and what was under way when it ended.
    int allowed() const {
        const auto passed = std::chrono::steady_clock::now() - begun_;
        return 250 + 50 * static_cast<int>(std::chrono::ceil<std::chrono::seconds>(passed).count());
    }

 private:
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

TEST_F(WireHttp2Attacks, RapidResets) {
    H2 client(port());
    for (int i = 0; i < 20'000 && !client.isClosed(); ++i) {
        const uint32_t stream = client.get("/hello");
        if (!client.sendFrame(H2::kReset, 0, stream, H2::number(H2::kCancel))) break;
        client.read(0);
    }
    expectCalm(client);
    EXPECT_LE(client.lastStream(), 2 * static_cast<uint32_t>(allowed()) + 1);
}

// Streams that the server resets because the client makes it.
TEST_F(WireHttp2Attacks, ResetsThatTheServerIsMadeToSend) {
    const struct {
        const char* what;
        std::string bytes;
        uint32_t code;
    } cases[] = {{"window", H2::number(0), H2::kProtocolError},  // 5.4.2: an error of the connection at once
                 {"flow", H2::number(0x7fffffff), H2::kCalm}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        H2 client(port());
        for (int i = 0; i < 20'000 && !client.isClosed(); ++i) {
            const uint32_t stream = client.get("/never");
            if (!client.sendFrame(H2::kWindow, 0, stream, c.bytes)) break;
            client.answer(stream);
        }
        EXPECT_EQ(client.goAway(), c.code);
        EXPECT_TRUE(client.waitClosed());
        EXPECT_LE(client.count(H2::kReset), allowed());
        EXPECT_LE(client.lastStream(), 2 * static_cast<uint32_t>(allowed()) + 1);
    }
}

TEST_F(WireHttp2Attacks, MalformedRequests) {
    H2 client(port());
    for (int i = 0; i < 20'000 && !client.isClosed(); ++i) {
        client.answer(client.get("/hello", {{"connection", "close"}}));
    }
    expectCalm(client);
    EXPECT_LE(client.count(H2::kReset), allowed());
}

TEST_F(WireHttp2Attacks, FramesThatBringNothing) {
    const struct {
        const char* what;
        std::string bytes;
    } cases[] = {
        {"PING", framed(H2::kPing, 0, 0, "12345678")},
        {"PING ack", framed(H2::kPing, H2::kAck, 0, "12345678")},
        {"SETTINGS", framed(H2::kSettings, 0, 0, H2::setting(4, 65535))},
        {"empty SETTINGS", framed(H2::kSettings, 0, 0)},
        {"PRIORITY", framed(H2::kPriority, 0, 1, H2::number(0) + "\x10")},
        {"PRIORITY_UPDATE", framed(0x10, 0, 0, H2::number(1) + "u=1")},
        {"WINDOW_UPDATE", framed(H2::kWindow, 0, 0, H2::number(1))},
        {"WINDOW_UPDATE of a stream", framed(H2::kWindow, 0, 1, H2::number(1))},
        {"empty DATA", framed(H2::kData, 0, 1)},
        {"padded DATA", framed(H2::kData, H2::kPadded, 1, std::string("\x03\0\0\0", 4))},
        {"unknown", framed(0x42, 0, 0, "x")},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        H2 client(port());
        client.post("/never");
        flood(client, c.bytes);
        expectCalm(client);
        EXPECT_LE(client.acks(), allowed());
        EXPECT_LE(client.count(H2::kSettings), 2 + allowed());
    }
}

// 200 are let pass, so that no client of good will is hit.
TEST_F(WireHttp2Attacks, AFewOfThemAreNoAttack) {
    H2 client(port());
    std::string pings;
    for (int i = 0; i < 150; ++i) pings += framed(H2::kPing, 0, 0, "12345678");
    client.send(pings);
    expectAnswers(client);
    EXPECT_EQ(client.acks(), 150);
    EXPECT_FALSE(client.goAway(0));
}

// A client that takes a large answer in small windows sends thousands of updates.
TEST_F(WireHttp2Attacks, WindowUpdatesForDataAreNone) {
    H2 client(port(), H2::setting(4, 1000));
    EXPECT_EQ(client.answer(client.get("/1m")).body.size(), 1u << 20);
    EXPECT_GT(client.seen(1).data_frames, 1000);
    EXPECT_FALSE(client.goAway(0));
}

TEST_F(WireHttp2Attacks, ContinuationsWithoutAnEnd) {
    const struct {
        const char* what;
        size_t size;
    } cases[] = {{"empty", 0}, {"small", 1}, {"large", 16384}};
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        H2 client(port());
        expectAnswers(client);
        // A literal name of 60,000 bytes.
        client.sendFrame(H2::kHeaders, H2::kEnd, 3, "\x40\x7f\xe1\xd3\x03");
        int sent = 0;
        while (sent < 100'000 && client.sendFrame(H2::kContinue, 0, 3, std::string(c.size, 'a'))) {
            ++sent;
            client.read(0);
        }
        expectCalm(client);
    }
}

// The bounds themselves: eight frames, and 39,321 bytes where fields_total is 32 KiB.
TEST_F(WireHttp2Attacks, EightContinuationsAreTaken) {
    for (const int count : {8, 9}) {
        H2 client(port());
        const std::string block = client.block(H2::fieldsOf("GET", "/hello"));
        client.sendFrame(H2::kHeaders, H2::kEnd, 1, block);
        for (int i = 1; i < count; ++i) client.sendFrame(H2::kContinue, 0, 1);
        client.sendFrame(H2::kContinue, H2::kEndHeaders, 1);
        if (count == 8) {
            EXPECT_EQ(client.answer(1).body, "hello\n");
        } else {
            expectCalm(client);
        }
    }
}

TEST_F(WireHttp2Attacks, AHeaderBlockHasABound) {
    for (const size_t size : {39'321u, 39'322u}) {
        H2 client(port());
        std::string block = client.block(H2::fieldsOf("GET", "/hello"));
        for (const size_t value = 119; block.size() + 129 <= size;)
            block += std::string("\0\x07x-field", 9) + static_cast<char>(value) + std::string(value, 'v');
        block += std::string("\0\x01x", 3) + static_cast<char>(size - block.size() - 4) +
                 std::string(size - block.size() - 4, 'v');
        ASSERT_EQ(block.size(), size);
        client.sendFrame(H2::kHeaders, H2::kEnd, 1, block.substr(0, 16384));
        client.sendFrame(H2::kContinue, 0, 1, block.substr(16384, 16384));
        client.sendFrame(H2::kContinue, H2::kEndHeaders, 1, block.substr(32768));
        if (size == 39'321) {
            client.nextStream();
            EXPECT_EQ(client.answer(1).status, 431);
            expectAnswers(client);
        } else {
            expectCalm(client);
        }
    }
}

// One entry of the dynamic table, named thousands of times.
TEST_F(WireHttp2Attacks, HpackBombs) {
    H2 client(port());
    Fields fields = H2::fieldsOf("GET", "/hello");
    std::string block = client.block(fields);
    block += "\x40\x01x\x7f\xe1\x1d" + std::string(3936, 'v');  // indexed from now on
    block += std::string(16'000, '\xbe');                       // the newest entry
    for (int i = 0; i < 3; ++i) {
        const uint32_t stream = client.nextStream();
        client.sendFrame(H2::kHeaders, H2::kEnd, stream, block.substr(0, 16000));
        client.sendFrame(H2::kContinue, H2::kEndHeaders, stream, block.substr(16000));
        if (i < 2) {
            EXPECT_EQ(client.answer(stream).status, 431);
        }
        block = std::string("\x82\x86\x84", 3) + std::string(16'000, '\xbe');
    }
    expectCalm(client);
}

TEST_F(WireHttp2Attacks, AHeadThatNeverEnds) {
    H2 client(port());
    const uint32_t running = client.get("/never");
    expectAnswers(client);
    client.sendFrame(H2::kHeaders, H2::kEnd, client.nextStream(), "\x82");
    expectCalm(client);
    EXPECT_FALSE(client.seen(running).ended);
}

TEST_F(WireHttp2Attacks, AHeadThatTrickles) {
    H2 client(port());
    client.get("/never");
    expectAnswers(client);
    const std::string bytes = H2::frame(H2::kHeaders, H2::kEnd | H2::kEndHeaders, 5, std::string(4000, '\x82'));
    for (size_t i = 0; i < bytes.size() && client.send(bytes.substr(i, 1)); ++i) client.read(20);
    expectCalm(client);
}

TEST_F(WireHttp2Attacks, WindowsThatNeverOpen) {
    H2 client(port(), H2::setting(4, 0));
    std::vector<uint32_t> streams;
    for (int i = 0; i < 100; ++i) streams.push_back(client.get("/1m"));
    for (uint32_t stream : streams) EXPECT_EQ(client.answer(stream).reset, H2::kCancel);
    EXPECT_TRUE(site().server().waitForLog("takes nothing of its answer"));
}

TEST_F(WireHttp2Attacks, ClientsThatNeverRead) {
    H2 client(port(), H2::setting(4, 0x7fffffff));
    client.sendFrame(H2::kWindow, 0, 0, H2::number(0x7fff0000));
    for (int i = 0; i < 20; ++i) client.get("/pieces");
    // Nothing is read: the server's socket fills, and after limits.write it is enough, for the streams or for the
    // connection, whichever clock was started first.
    EXPECT_TRUE(site().server().waitForLog("the client takes nothing of its answer"));
}

TEST_F(WireHttp2Attacks, LeaveOthersAlone) {
    H2 bystander(port());
    const uint32_t slow = bystander.get("/timer");
    for (int i = 0; i < 3; ++i) {
        H2 attacker(port());
        flood(attacker, framed(H2::kPing, 0, 0, "12345678"), 1000);
    }
    EXPECT_EQ(bystander.answer(slow).body, "in time\n");
    expectAnswers(bystander);
}

}  // namespace
}  // namespace turnpike::wire
