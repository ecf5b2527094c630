// Requests on their way to an upstream: heads, bodies as they come, and when they may be asked twice.
#include "fixture.h"

namespace turnpike::proxy::test {
namespace {

TEST_F(ProxyTest, TellsTheUpstreamOfItsClient) {
    load();
    auto& request = get("/a%20b/c?x=1&y=%20").remote("192.0.2.7", 4711).secure();
    request.field("x-forwarded-for", "1.1.1.1").field("forwarded", "for=2.2.2.2").field("x-real-ip", "3.3.3.3");
    request.field("x-forwarded-anything", "1").field("accept", "*/*").field("x_forwarded_for", "4.4.4.4");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(
        upstream.lastSeen().head,
        "GET /a%20b/c?x=1&y=%20 HTTP/1.1\r\nhost: www.example.org\r\naccept: */*\r\n"
        "x-forwarded-for: 192.0.2.7\r\nx-forwarded-proto: https\r\nx-forwarded-host: www.example.org\r\n\r\n");
}

TEST_F(ProxyTest, SetsFieldsHostAndVia) {
    host.set("host", "app.internal:81").set("via", "tp").set("forwarded", "rfc7239");
    host.setMap("fields", {{"X-App", "1"}, {"Accept", ""}});
    load();
    auto& request =
        get().field("accept", "*/*").field("x-app", "0").field("cookie", "a=b").remote("2001:db8::1", 1);
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(upstream.lastSeen().head,
              "GET /x HTTP/1.1\r\nhost: app.internal:81\r\ncookie: a=b\r\nx-app: 1\r\n"
              "forwarded: for=\"[2001:db8::1]\";proto=http;host=\"www.example.org\"\r\nvia: 1.1 tp\r\n\r\n");
}

TEST_F(ProxyTest, StreamsABodyWithItsLength) {
    load();
    auto& request = host.request("POST", "/x").field("host", "t").length(10).part("01234");
    host.begin(request);
    ASSERT_TRUE(becomes([&] { return upstream.open > 0; }));
    EXPECT_EQ(upstream.requests, 0u) << "the rest has not come";
    request.part("56789").end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(upstream.lastSeen().body, "0123456789");
    EXPECT_EQ(upstream.lastSeen().field("content-length"), "10");
}

TEST_F(ProxyTest, StreamsABodyOfUnknownLength) {
    load();
    auto& request =
        host.request("PUT", "/x").field("host", "t").part("hello ").part(std::string(100'000, 'w')).end();
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(upstream.lastSeen().body, "hello " + std::string(100'000, 'w'));
    EXPECT_EQ(upstream.lastSeen().field("transfer-encoding"), "chunked");
    EXPECT_EQ(upstream.lastSeen().field("content-length"), "(none)");
}

TEST_F(ProxyTest, SaysThatABodyIsEmpty) {
    load();
    ASSERT_TRUE(host.run(post("")));
    EXPECT_EQ(upstream.lastSeen().field("content-length"), "0");
}

TEST_F(ProxyTest, HoldsTheClientBackForASlowUpstream) {
    std::atomic<bool> reads{false};
    upstream.leaveBody();
    upstream.setScript([&](Peer& peer, const Seen&) {
        while (!reads) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        peer.readExactly(64 << 20);
        peer.write(goodAnswer("got it"));
    });
    load();
    auto& request = host.request("POST", "/x").field("host", "t").length(64 << 20);
    host.begin(request);
    size_t parts = 0, quiet = 0;
    while (parts < 1024 && quiet < 200) {
        const uint64_t before = host.io.calls(TP_CLASS_BACKEND);
        request.part(std::string(65536, 'b'));
        ++parts;
        host.settle(3);
        quiet = host.io.calls(TP_CLASS_BACKEND) == before ? quiet + 1 : 0;
    }
    EXPECT_LT(parts, 1024u) << "all was taken, though nobody read it";
    reads = true;
    while (parts++ < 1024) request.part(std::string(65536, 'b'));
    request.end();
    ASSERT_TRUE(host.run(request, 60'000)) << request.why();
    EXPECT_EQ(request.text(), "got it");
    upstream.stop();  // before what its script refers to goes
}

// An answer may come before the body has: it is passed on, and the connection is not used again.
TEST_F(ProxyTest, PassesAnEarlyAnswerOn) {
    upstream.leaveBody();
    upstream.setScript(
        [](Peer& peer, const Seen&) { peer.write("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"); });
    load();
    auto& request = host.request("POST", "/x").field("host", "t").length(1 << 20).part("a bit");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 413u);
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

struct Dying {
    const char* name;
    const char* method;
    bool is_retried;
};
class ProxyRetry : public ProxyTest, public ::testing::WithParamInterface<Dying> {};

TEST_P(ProxyRetry, AsksTwiceOnlyWhatMayBeAskedTwice) {
    upstream.setScript([&](Peer& peer, const Seen&) {
        if (upstream.requests < 2) return peer.hangUp();
        peer.write(goodAnswer("second"));
    });
    load();
    auto& request = host.request(GetParam().method, "/x").field("host", "t");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), GetParam().is_retried ? 200u : 502u);
    EXPECT_EQ(upstream.requests, GetParam().is_retried ? 2u : 1u);
    upstream.stop();  // before what its script refers to goes
}

INSTANTIATE_TEST_SUITE_P(Methods, ProxyRetry,
                         ::testing::Values(Dying{"Get", "GET", true}, Dying{"Head", "HEAD", true},
                                           Dying{"Put", "PUT", true}, Dying{"Delete", "DELETE", true},
                                           Dying{"Options", "OPTIONS", true}, Dying{"Post", "POST", false},
                                           Dying{"Patch", "PATCH", false}, Dying{"Other", "LOCK", false}),
                         [](const auto& made) { return made.param.name; });

TEST_F(ProxyTest, AsksASingleTargetNoMoreThanTwice) {
    upstream.setScript([](Peer& peer, const Seen&) { peer.hangUp(true); });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("without an answer"));
    EXPECT_EQ(upstream.requests, 2u);
}

TEST_F(ProxyTest, AsksNobodyAgainOnceTheAnswerHasBegun) {
    upstream.setScript([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 200 OK\r\n");
        peer.hangUp();
    });
    load();
    EXPECT_THAT(causeOf(get(), 502), ::testing::HasSubstr("in the middle of its answer"));
    EXPECT_EQ(upstream.requests, 1u);
}

// The kept connection was closed while nobody looked: nothing is lost, whatever the method.
TEST_F(ProxyTest, FindsAnotherConnectionWhenAKeptOneIsDead) {
    load();
    ASSERT_TRUE(host.run(get()));
    upstream.stop();  // the loop does not turn meanwhile
    upstream.start();
    auto& request = post("body");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u) << request.cause();
    EXPECT_EQ(upstream.lastSeen().body, "body");
}

TEST_F(ProxyTest, ClosesTheConnectionOfAClientThatLeft) {
    upstream.setScript([](Peer& peer, const Seen&) { peer.waitForEnd(); });
    load();
    auto& request = get();
    host.begin(request);
    ASSERT_TRUE(becomes([&] { return upstream.requests == 1; }));
    request.leave();
    EXPECT_TRUE(becomes([&] { return upstream.open == 0; }));
}

}  // namespace
}  // namespace turnpike::proxy::test
