// What frames may not do, by the sections of RFC 9113: each ends the connection or the stream with the code that
// the section names.
#include <chrono>
#include <filesystem>
#include <thread>

#include "http2.h"

namespace turnpike::wire {
namespace {

class WireHttp2Rules : public WireTest<WireHttp2Rules> {
 public:
    static std::unique_ptr<Site> makeSite() { return std::make_unique<Site>(); }

 protected:
    struct Case {
        const char* what;
        std::string bytes;
        uint32_t code;
    };
    /// Behind an open upload on stream 1 and an answered request on stream 3.
    static void expectGoAway(const std::vector<Case>& cases) {
        for (const Case& c : cases) {
            SCOPED_TRACE(c.what);
            H2 client(port());
            client.post("/never");
            EXPECT_EQ(client.answer(client.get("/hello")).status, 200);
            client.send(c.bytes);
            EXPECT_EQ(client.goAway(), c.code);
            EXPECT_TRUE(client.waitClosed());
        }
    }
    static void expectReset(const std::vector<Case>& cases) {
        for (const Case& c : cases) {
            SCOPED_TRACE(c.what);
            H2 client(port());
            const uint32_t stream = client.post("/never");
            EXPECT_EQ(client.answer(client.get("/hello")).status, 200);
            client.send(c.bytes);
            EXPECT_EQ(client.answer(stream).reset, c.code);
            expectAnswers(client);
        }
    }
};

TEST_F(WireHttp2Rules, OfThePreface) {
    EXPECT_EQ(talk(port(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r").bytes.find("HTTP/1.1 200"), std::string::npos);
    for (const char* wrong : {"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", "PRI / HTTP/2.0\r\n\r\nSM\r\n\r\n"}) {
        const Talk got = talk(port(), wrong);
        EXPECT_NE(got.status, 200);
        EXPECT_TRUE(got.closed);
    }
    // 3.4: SETTINGS must be the first frame.
    RawClient client(port());
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + framed(H2::kPing, 0, 0, "12345678"));
    bool closed = false;
    EXPECT_NE(client.rest(5000, &closed).find(std::string("\x07\0\0\0\0\0", 6)), std::string::npos);
    EXPECT_TRUE(closed);
}

TEST_F(WireHttp2Rules, OfFramesAndTheirSizes) {
    const std::string large(16385, '\0');
    expectGoAway({
        {"4.2 large SETTINGS", framed(H2::kSettings, 0, 0, large), H2::kFrameSizeError},
        {"4.2 large HEADERS", framed(H2::kHeaders, H2::kEndHeaders, 5, large), H2::kFrameSizeError},
        {"4.3 bad HPACK", framed(H2::kHeaders, H2::kEndHeaders | H2::kEnd, 5, "\xff\xff\xff\xff\xff"),
         H2::kCompressionError},
        {"4.3 frame between a block's",
         framed(H2::kHeaders, H2::kEnd, 5, "\x82") + framed(H2::kPing, 0, 0, "12345678"), H2::kProtocolError},
        {"5.1 DATA on an idle stream", framed(H2::kData, H2::kEnd, 5, "x"), H2::kProtocolError},
        {"5.1 RST_STREAM on an idle stream", framed(H2::kReset, 0, 5, H2::number(8)), H2::kProtocolError},
        {"5.1 WINDOW_UPDATE on an idle stream", framed(H2::kWindow, 0, 5, H2::number(1)), H2::kProtocolError},
        {"5.1 CONTINUATION on an idle stream", framed(H2::kContinue, H2::kEndHeaders, 5, "\x82"),
         H2::kProtocolError},
        {"5.1.1 even stream", framed(H2::kHeaders, H2::kEndHeaders | H2::kEnd, 2, "\x82"), H2::kProtocolError},
        {"6.1 DATA on stream 0", framed(H2::kData, 0, 0, "x"), H2::kProtocolError},
        {"6.1 padding", framed(H2::kData, H2::kPadded, 1, "\x05xx"), H2::kProtocolError},
        {"6.2 HEADERS on stream 0", framed(H2::kHeaders, H2::kEndHeaders, 0, "\x82"), H2::kProtocolError},
        {"6.2 padding", framed(H2::kHeaders, H2::kEndHeaders | H2::kPadded, 5, "\x05x"), H2::kProtocolError},
        {"6.4 RST_STREAM on stream 0", framed(H2::kReset, 0, 0, H2::number(8)), H2::kProtocolError},
        {"6.4 size", framed(H2::kReset, 0, 1, "123"), H2::kFrameSizeError},
        {"6.5 SETTINGS with ACK and payload", framed(H2::kSettings, H2::kAck, 0, H2::setting(3, 1)),
         H2::kFrameSizeError},
        {"6.5 SETTINGS on a stream", framed(H2::kSettings, 0, 1), H2::kProtocolError},
        {"6.5 size", framed(H2::kSettings, 0, 0, "123"), H2::kFrameSizeError},
        {"6.5.2 push", framed(H2::kSettings, 0, 0, H2::setting(2, 2)), H2::kProtocolError},
        {"6.5.2 window", framed(H2::kSettings, 0, 0, H2::setting(4, 1u << 31)), H2::kFlowControlError},
        {"6.5.2 frame size", framed(H2::kSettings, 0, 0, H2::setting(5, 1000)), H2::kProtocolError},
        {"6.6 PUSH_PROMISE", framed(H2::kPush, H2::kEndHeaders, 1, H2::number(2) + "\x82"), H2::kProtocolError},
        {"6.7 PING on a stream", framed(H2::kPing, 0, 1, "12345678"), H2::kProtocolError},
        {"6.7 size", framed(H2::kPing, 0, 0, "1234567"), H2::kFrameSizeError},
        {"6.8 GOAWAY on a stream", framed(H2::kGoAway, 0, 1, H2::number(0) + H2::number(0)), H2::kProtocolError},
        {"6.9 no window", framed(H2::kWindow, 0, 0, H2::number(0)), H2::kProtocolError},
        {"6.9 no window on a stream", framed(H2::kWindow, 0, 1, H2::number(0)), H2::kProtocolError},
        {"6.9 size", framed(H2::kWindow, 0, 0, "123"), H2::kFrameSizeError},
        {"6.9.1 window", framed(H2::kWindow, 0, 0, H2::number(0x7fffffff)), H2::kFlowControlError},
        {"6.10 CONTINUATION of another stream",
         framed(H2::kHeaders, H2::kEnd, 5, "\x82") + framed(H2::kContinue, H2::kEndHeaders, 7, "\x84"),
         H2::kProtocolError},
    });
}

TEST_F(WireHttp2Rules, OfStreams) {
    expectReset({
        {"6.9.1 window", framed(H2::kWindow, 0, 1, H2::number(0x7fffffff)), H2::kFlowControlError},
    });
    // 5.1: what belongs to a stream that is over.
    H2 client(port());
    const uint32_t over = client.get("/hello");
    client.answer(over);
    client.sendFrame(H2::kWindow, 0, over, H2::number(1));
    client.sendFrame(H2::kReset, 0, over, H2::number(H2::kCancel));
    client.sendFrame(H2::kPriority, 0, over, H2::number(0) + "\x10");
    expectAnswers(client);
    // 5.1.1: a number that was used up. It is passed over as the trailers of a stream that was reset meanwhile.
    client.sendFrame(H2::kHeaders, H2::kEnd | H2::kEndHeaders, over, client.block(H2::fieldsOf("GET", "/hello")));
    expectAnswers(client);
}

TEST_F(WireHttp2Rules, OfTheOrderOfStreams) {
    H2 client(port());
    client.get("/never");
    const uint32_t passed_over = client.nextStream();
    expectAnswers(client);
    client.sendFrame(H2::kHeaders, H2::kEnd | H2::kEndHeaders, passed_over,
                     client.block(H2::fieldsOf("GET", "/hello")));
    EXPECT_EQ(client.goAway(), H2::kProtocolError);
    EXPECT_TRUE(client.waitClosed());
}

TEST_F(WireHttp2Rules, LetWhatIsUnknownPass) {
    H2 client(port());
    client.sendFrame(0x42, 0xff, 0, "anything");
    client.sendFrame(H2::kSettings, 0, 0, H2::setting(0x4242, 1));
    client.sendFrame(H2::kPing, 0xfe, 0, "12345678");
    client.sendFrame(H2::kPriority, 0, 99, H2::number(0) + "\x10");
    expectAnswers(client);
    EXPECT_EQ(client.acks(), 1);
}

TEST_F(WireHttp2Rules, StreamsBeyondTheLimitAreRefused) {
    H2 client(port());
    std::vector<uint32_t> streams;
    streams.reserve(103);
    for (int i = 0; i < 103; ++i) streams.push_back(client.get("/never"));
    for (size_t i = 100; i < 103; ++i) EXPECT_EQ(client.answer(streams[i]).reset, H2::kRefusedStream);
    for (size_t i = 0; i < 100; ++i) EXPECT_FALSE(client.seen(streams[i]).reset);
    client.sendFrame(H2::kReset, 0, streams[0], H2::number(H2::kCancel));
    expectAnswers(client);
    EXPECT_FALSE(client.goAway(0)) << *client.goAway(0);
}

// A request that the client has given up counts for as long as it runs on the blocking pool.
TEST(WireHttp2Streams, CountWhileTheyRun) {
    Site site("streams = 3\nkeepalive = \"60s\"",
              "[[site.route]]\nprefix = \"/holding/\"\nplugin = \"holding\"\n");
    site.root().write("hold", "");
    H2 client(site.port());
    expectAnswers(client);
    for (int i = 0; i < 3; ++i) {
        const uint32_t stream = client.get("/holding/");
        client.sendFrame(H2::kPing, 0, 0, "12345678");
        ASSERT_TRUE(client.waitFor(H2::kPing, i + 1));  // it has been read, and runs
        client.sendFrame(H2::kReset, 0, stream, H2::number(H2::kCancel));
    }
    EXPECT_EQ(client.answer(client.get("/hello")).reset, H2::kRefusedStream);
    std::filesystem::remove(site.root().path() + "/hold");
    bool answered = false;
    for (int i = 0; i < 150 && !answered; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        answered = client.answer(client.get("/hello")).status == 200;
    }
    EXPECT_TRUE(answered);
}

// Padding counts against the windows and is given back at once, whether or not anybody asks for the data.
TEST_F(WireHttp2Rules, PaddingIsGivenBack) {
    H2 client(port());
    const uint32_t stream = client.post("/never");
    std::string frames;
    for (int i = 0; i < 200; ++i)
        frames += framed(H2::kData, H2::kPadded, stream, "\xff" + std::string(1, 'x') + std::string(255, '\0'));
    client.send(frames);
    expectAnswers(client);
    EXPECT_GT(client.windowOf(stream), 32'000u);
}

}  // namespace
}  // namespace turnpike::wire
