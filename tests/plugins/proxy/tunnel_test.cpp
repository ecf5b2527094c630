// A switch to another protocol: bytes both ways.
#include <sys/socket.h>

#include <cstddef>

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

/// An upstream that does not wait for the request.
class Hasty : public testing::Listener {
 public:
    Hasty() { start(); }
    ~Hasty() override { stop(); }

 private:
    void serve(int fd, unsigned) override {
        testing::Peer(fd).write(kSwitch);
        char block[4096];
        while (::recv(fd, block, sizeof block, 0) > 0) continue;
    }
};

TEST_F(ProxyTunnel, RefusesASwitchBeforeAllOfTheRequestWasSent) {
    Hasty hasty;
    targets_ = {hasty.address()};
    load();
    for (int i = 0; i < 10; ++i) host.io.failNext("write", -EAGAIN);
    EXPECT_THAT(causeOf(offer(), 502),
                ::testing::HasSubstr("switched the protocol before it had all of the request"));
}

TEST_F(ProxyTunnel, GoesOnWhenTheClientHasSaidAll) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(kSwitch);
        std::string all;
        for (std::string part = peer.read(); !part.empty(); part = peer.read()) all += part;
        for (int i = 0; i < 3; ++i) peer.write("got " + std::to_string(all.size()) + " ");
        peer.hangUp();
    });
    load();
    auto& request = offer();
    request.part(std::string(300'000, 'x'));
    request.end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "got 300000 got 300000 got 300000 ");
    EXPECT_FALSE(request.aborted());
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

TEST_F(ProxyTunnel, GoesOnWhenTheUpstreamHasSaidAll) {
    std::atomic<bool> is_over{false};
    std::string all;
    upstream.setScript([&](Peer& peer, const Seen&) {
        peer.write(std::string(kSwitch) + std::string(300'000, 'b'));
        peer.endSending();
        for (std::string part = peer.read(); !part.empty(); part = peer.read()) all += part;
        is_over = true;
        peer.hangUp();
    });
    load();
    auto& request = offer().takes(10'000);
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.sendingEnded(); })) << request.why();
    ASSERT_TRUE(host.runUntil([&] { return request.text().size() == 300'000; })) << request.why();
    for (const char* part : {"one ", "two ", "three"}) {
        request.part(part);
        host.settle();
        EXPECT_FALSE(request.done());
    }
    request.end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_FALSE(request.aborted());
    ASSERT_TRUE(becomes([&] { return is_over.load(); }));
    EXPECT_EQ(all, "one two three");
    upstream.stop();  // before what its script refers to goes
}

TEST_F(ProxyTunnel, EndsWithTheUpstream) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(std::string(kSwitch) + "bye");
        peer.hangUp();
    });
    load();
    auto& request = offer();
    host.begin(request);
    ASSERT_TRUE(host.runUntil([&] { return request.sendingEnded(); })) << request.why();
    EXPECT_EQ(request.text(), "bye");
    // It is gone altogether, as bytes on the way to it show.
    EXPECT_TRUE(becomes([&] {
        if (!request.done()) request.part("is anybody there?");
        return request.done();
    })) << request.why();
    EXPECT_EQ(upstream.connections, 1u);
    EXPECT_EQ(host.backends.declared(0).held, 0u);
}

TEST_F(ProxyTunnel, EndsWithTheUpstreamWhereTheHostKnowsNoHalves) {
    tp_response_service old = *static_cast<const tp_response_service*>(host.table()->extension(TP_RESPONSE_ID));
    old.struct_size = offsetof(tp_response_service, end_sending);
    host.extend(TP_RESPONSE_ID, &old);
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write(std::string(kSwitch) + "bye");
        peer.endSending();
        peer.waitForEnd();
    });
    load();
    auto& request = offer();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.text(), "bye");
    EXPECT_FALSE(request.sendingEnded());
}

TEST_F(ProxyTunnel, EndsWhenNothingPassesInTheHalfThatIsLeft) {
    host.set("tunnel_timeout", "100ms");
    for (bool is_the_clients : {true, false}) {
        upstream.setScript([is_the_clients](Peer& peer, const Seen&) {
            peer.write(std::string(kSwitch) + "first ");
            if (is_the_clients) peer.endSending();
            peer.waitForEnd();
            if (!is_the_clients) std::this_thread::sleep_for(std::chrono::seconds(1));
        });
        if (is_the_clients) load();
        auto& request = offer();
        if (!is_the_clients) request.end();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "first ");
        EXPECT_FALSE(request.aborted()) << request.cause();
        EXPECT_EQ(host.backends.declared(0).held, 0u);
    }
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
    ASSERT_TRUE(host.runUntil([&] { return request.text() == "all"; }, 60'000)) << request.why();
    upstream.stop();  // before what its script refers to goes
}

}  // namespace
}  // namespace turnpike::proxy::test
