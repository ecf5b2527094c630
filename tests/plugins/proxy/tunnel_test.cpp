// A switch to another protocol: bytes both ways.
#include "fixture.h"

namespace turnpike::proxy::test {
namespace {

constexpr const char* kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
    "x\r\n\r\n";

class ProxyTunnel : public ProxyTest {
 protected:
    fake::Request& offer(const std::string& protocols = "websocket") { return get().offers(protocols); }
    void echo() {
        upstream.setScript([](Peer& peer, const Seen&) {
            peer.write(std::string(kSwitch) + "first ");
            for (std::string part = peer.read(); !part.empty(); part = peer.read()) peer.write(part);
            peer.hangUp();
        });
    }
};

TEST_F(ProxyTunnel, PassesBytesBothWays) {
    echo();
    load();
    auto& request = offer("foo, WebSocket");
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first "; })) << request.why();
    EXPECT_EQ(request.status(), 101u);
    EXPECT_EQ(request.field("upgrade"), "websocket");
    EXPECT_EQ(request.field("sec-websocket-accept"), "x");
    EXPECT_EQ(upstream.lastSeen().field("connection"), "upgrade");
    EXPECT_EQ(upstream.lastSeen().field("upgrade"), "websocket");
    request.part("one ");
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first one "; })) << request.why();
    request.part("two");
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first one two"; })) << request.why();
    request.end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

TEST_F(ProxyTunnel, EndsWithTheUpstream) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(std::string(kSwitch) + "bye");
        peer.hangUp();
    });
    load();
    auto& request = offer();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "bye");
    EXPECT_EQ(upstream.connections, 1u);
}

TEST_F(ProxyTunnel, EndsWithTheClient) {
    echo();
    load();
    auto& request = offer();
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "first "; }));
    request.leave();
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

TEST_F(ProxyTunnel, EndsWhenNothingPasses) {
    host.set("tunnel_timeout", "100ms");
    echo();
    load();
    auto& request = offer();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "first ");
    EXPECT_FALSE(request.aborted());
}

TEST_F(ProxyTunnel, IsNotOfferedForWhatIsNotAllowed) {
    load();
    for (const char* offered : {"h2c", "foo, TLS/1.0"}) {
        auto& request = offer(offered);
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "hello");
        EXPECT_EQ(upstream.lastSeen().field("upgrade"), "(none)");
        EXPECT_EQ(upstream.lastSeen().field("connection"), "(none)");
    }
}

TEST_F(ProxyTunnel, MayBeRefusedByTheUpstream) {
    load();
    auto& request = offer();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(request.text(), "hello");
}

TEST_F(ProxyTunnel, SpeaksWhatWasAskedFor) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 101 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n");
    });
    load();
    EXPECT_THAT(causeOf(offer(), 502), ::testing::HasSubstr("a protocol that nobody asked for"));
}

TEST_F(ProxyTunnel, HoldsAFastSideBack) {
    std::atomic<bool> reads{false};
    upstream.setScript([&](Peer& peer, const Seen&) {
        peer.write(kSwitch);
        while (!reads) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        peer.readExactly(64 << 20);
        peer.write("all");
        peer.hangUp();
    });
    load();
    auto& request = offer();
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.status() == 101; }));
    size_t parts = 0, quiet = 0;
    for (; parts < 1024 && quiet < 200; ++parts) {
        const uint64_t before = host.io.calls(TP_CLASS_BACKEND);
        request.part(std::string(65536, 'b'));
        host.settle(3);
        quiet = host.io.calls(TP_CLASS_BACKEND) == before ? quiet + 1 : 0;
    }
    EXPECT_LT(parts, 1024u) << "all was taken, though nobody read it";
    reads = true;
    for (; parts < 1024; ++parts) request.part(std::string(65536, 'b'));
    ASSERT_TRUE(host.run(request, 60'000)) << request.why();
    EXPECT_EQ(request.text(), "all");
    upstream.stop();  // before what its script refers to goes
}

}  // namespace
}  // namespace turnpike::proxy::test
