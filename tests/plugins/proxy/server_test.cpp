// The plugin in the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "scripted_upstream.h"
#include "support/certificates.h"
#include "support/patience.h"
#include "support/raw_client.h"
#include "support/server_process.h"
#include "support/tls_client.h"

namespace turnpike::proxy::test {
namespace {

std::string site(const std::string& keys) {
    return "[[site]]\nname = \"t\"\nhosts = [\"*\"]\nbody_limit = \"2GiB\"\n[[site.route]]\nprefix = \"/\"\n"
           "plugin = \"proxy\"\n" +
           keys + "\n";
}
std::string to(const ScriptedUpstream& upstream, const std::string& keys = "") {
    return site("targets = [\"" + upstream.address() + "\"]\n" + keys);
}

TEST(ProxyServer, PassesRequestsOn) {
    ScriptedUpstream upstream;
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(client.send("GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"));
        EXPECT_EQ(client.answer().body, "hello") << server.errorLog();
    }
    EXPECT_EQ(upstream.connections, 1u);
    EXPECT_EQ(upstream.lastSeen().line, "GET /x?y=1 HTTP/1.1");
    EXPECT_EQ(upstream.lastSeen().field("x-forwarded-for"), "127.0.0.1");
    EXPECT_EQ(upstream.lastSeen().field("x-forwarded-host"), "a.example");
}

TEST(ProxyServer, LogsWhyAndTellsTheVisitorNothing) {
    ScriptedUpstream upstream([](Peer& peer, const Seen&) { peer.write("junk\r\n\r\n"); });
    ServerProcess server(to(upstream));
    ASSERT_TRUE(server.isUp());
    const Answer answer = get(server.port(), "/");
    EXPECT_EQ(answer.status, 502);
    EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr(upstream.address())));
    EXPECT_TRUE(
        server.waitForLog("target " + upstream.address() + " sent a bad answer: what is no HTTP/1.x answer"));
}

TEST(ProxyServer, SaysWhenToComeAgainWhileATargetIsDown) {
    const std::string nobody = "127.0.0.1:" + std::to_string(freePort());
    ServerProcess server(site("targets = [\"" + nobody + "\"]\noutage = \"1ms\"\n"), "workers = 1");
    ASSERT_TRUE(server.isUp());
    Answer answer = get(server.port(), "/");
    for (int i = 0; i < 500 && answer.status == 502; ++i) answer = get(server.port(), "/");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.field("retry-after"), "1");
}

std::string offer(const std::string& more = "") {
    return "GET /chat HTTP/1.1\r\nHost: t\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" +
           more;
}

ScriptedUpstream::Script echo() {
    return [](Peer& peer, const Seen& seen) {
        if (seen.field("upgrade") == "(none)") return void(peer.write(goodAnswer("no upgrade")));
        peer.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        for (std::string part = peer.read(); !part.empty(); part = peer.read()) peer.write(part);
        peer.hangUp();
    };
}

TEST(ProxyServer, CarriesAWebSocket) {
    ScriptedUpstream upstream(echo());
    // Limits for bodies do not count in a tunnel.
    ServerProcess server(to(upstream), "", "body_gap = \"200ms\"\nbody_rate = \"1MiB\"");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    ASSERT_TRUE(
        client.send(offer("early")));  // before the answer: WebSocket clients do not, but it is legal bytes
    const Answer answer = client.answer(true);
    ASSERT_EQ(answer.status, 101) << server.errorLog();
    EXPECT_EQ(answer.field("upgrade"), "websocket");
    EXPECT_EQ(answer.field("connection"), "upgrade");
    EXPECT_EQ(answer.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(client.some(5), "early");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // longer than any limit for bodies allows
    const std::string frame("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send(frame));
        EXPECT_EQ(client.some(frame.size()), frame) << server.errorLog();
    }
    client.endSending();
    bool closed = false;
    EXPECT_EQ(client.rest(10'000, &closed), "");
    EXPECT_TRUE(closed);
    EXPECT_THAT(server.waitForAccess(1), ::testing::HasSubstr(" 101 "));
}

// Each side says all that it has before it hears the other one to its end.
class HalfATunnel : public ::testing::Test {
 protected:
    HalfATunnel() {
        upstream.setScript([this](Peer& peer, const Seen& seen) {
            const bool speaks_first = seen.line.find("/first") != std::string::npos;
            peer.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            if (speaks_first) peer.write(large);
            if (speaks_first) peer.endSending();
            size_t size = 0;
            for (std::string part = peer.read(); !part.empty(); part = peer.read()) size += part.size();
            if (!speaks_first) peer.write("heard " + std::to_string(size));
            heard += size;
            peer.hangUp();
        });
    }
    ~HalfATunnel() override { upstream.stop(); }  // before what its script refers to goes

    void begin(RawClient& client, const std::string& path) {
        std::string head = offer();
        head.replace(head.find("/chat"), 5, path);
        ASSERT_TRUE(client.send(head));
        ASSERT_EQ(client.answer(true).status, 101);
    }
    void hearsFirst(RawClient& client, const std::function<void()>& end) {
        ASSERT_NO_FATAL_FAILURE(begin(client, "/first"));
        bool closed = false;
        EXPECT_TRUE(client.rest(10'000, &closed) == large) << "what the upstream said, to its end";
        EXPECT_TRUE(closed);
        ASSERT_TRUE(client.send(large + large));
        end();
        EXPECT_EQ(client.rest(10'000, &closed), "");
        EXPECT_TRUE(closed);
    }
    void speaksFirst(RawClient& client, const std::function<void()>& end) {
        ASSERT_NO_FATAL_FAILURE(begin(client, "/chat"));
        ASSERT_TRUE(client.send(large + large));
        end();
        bool closed = false;
        EXPECT_EQ(client.rest(10'000, &closed), "heard " + std::to_string(2 * large.size()));
        EXPECT_TRUE(closed);
    }
    /// Of that many tunnels, all that their clients said came to the upstream.
    void expectHeard(size_t tunnels) {
        const size_t all = 2 * tunnels * large.size();
        EXPECT_TRUE(eventually([&] { return heard == all; })) << heard;
    }

    const std::string large = std::string(3u << 20, 'x');
    std::atomic<size_t> heard{0};
    ScriptedUpstream upstream;
};

TEST_F(HalfATunnel, ComesToItsEnd) {
    ServerProcess server(to(upstream));
    ASSERT_TRUE(server.isUp());
    RawClient first(server.port());
    hearsFirst(first, [&] { first.endSending(); });
    RawClient last(server.port());
    speaksFirst(last, [&] { last.endSending(); });
    EXPECT_THAT(server.waitForAccess(2), ::testing::HasSubstr(" 101 "));
    expectHeard(2);
}

// An end is a close_notify there, and the connection goes on in the other direction.
TEST_F(HalfATunnel, ComesToItsEndOverTls) {
    TempFolder folder;
    const MadeCertificate made = makeCertificate();
    folder.write("site.pem", made.certificate);
    folder.write("site.key", made.key);
    ASSERT_EQ(::chmod((folder.path() + "/site.key").c_str(), 0600), 0);
    std::string sites = to(upstream);
    sites.insert(sites.find("body_limit"), "tls = { certificate = \"" + folder.path() + "/site.pem\", key = \"" +
                                               folder.path() + "/site.key\" }\n");
    const uint16_t port = freePort();
    ServerProcess server(sites, "listen = [\"127.0.0.1:PORT\", \"127.0.0.1:" + std::to_string(port) + " tls\"]\n");
    ASSERT_TRUE(server.isUp());
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient::Options options;
        options.most_version = version;
        TlsClient first(port, options);
        hearsFirst(first, [&] { first.sayGoodbye(); });
        EXPECT_TRUE(first.wasToldTheEnd());
        TlsClient last(port, options);
        speaksFirst(last, [&] { last.sayGoodbye(); });
        EXPECT_TRUE(last.wasToldTheEnd());
    }
    expectHeard(4);
}

TEST(ProxyServer, OffersNoSwitchThatTheConnectionCannotMake) {
    ScriptedUpstream upstream(echo());
    ServerProcess server(to(upstream));
    ASSERT_TRUE(server.isUp());
    const char* heads[] = {
        "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nUpgrade: websocket\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nConnection: close, upgrade\r\nUpgrade: "
        "websocket\r\n\r\nx",
        "GET / HTTP/1.1\r\nHost: t\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n"};
    for (const char* head : heads) EXPECT_EQ(ask(server.port(), head).body, "no upgrade") << head;
}

/// Peak memory of a worker, KiB.
long peak(const ServerProcess& server) {
    long most = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream status(entry.path() / "status");
        std::string line;
        long parent = 0, size = 0;
        while (std::getline(status, line)) {
            if (line.starts_with("PPid:")) parent = std::stol(line.substr(5));
            if (line.starts_with("VmHWM:")) size = std::stol(line.substr(6));
        }
        if (parent == server.pid()) most = std::max(most, size);
    }
    return most;
}

#ifdef __SANITIZE_ADDRESS__
constexpr long kMostGrowth = 32L * 1024;  // KiB; what is freed is kept for a while
#else
constexpr long kMostGrowth = 8L * 1024;
#endif

TEST(ProxyServer, CarriesLargeBodiesInConstantMemory) {
    constexpr size_t kSize = 256u << 20;
    const std::string part(1u << 20, 'x');
    ScriptedUpstream upstream([&](Peer& peer, const Seen&) {
        size_t got = 0;
        while (got < kSize) got += peer.readExactly(std::min<size_t>(part.size(), kSize - got)).size();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (size_t i = 0; i < kSize / part.size(); ++i) peer.write("100000\r\n" + part + "\r\n");
        peer.write("0\r\n\r\n");
    });
    upstream.leaveBody();
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: " +
                            std::to_string(kSize) + "\r\n\r\n"));
    const long before = peak(server);
    for (size_t i = 0; i < kSize / part.size(); ++i) ASSERT_TRUE(client.send(part));
    const Answer answer = client.answer();
    EXPECT_EQ(answer.status, 200) << server.errorLog();
    EXPECT_EQ(answer.body.size(), kSize);
    EXPECT_LT(peak(server) - before, kMostGrowth) << "KiB more than before the body";
}

// Past the server's memory for most of the way (bytes_spliced), and whole in any case.
TEST(ProxyServer, LetsTheMiddleOfALongBodyGoBy) {
    constexpr size_t kSize = 8u << 20;
    std::string body(kSize, '\0');
    for (size_t i = 0; i < kSize; ++i) body[i] = static_cast<char>(i % 251);
    ScriptedUpstream upstream([&](Peer& peer, const Seen& seen) {
        const bool has_length = seen.line.find("/length") != std::string::npos;
        peer.write("HTTP/1.1 200 OK\r\n" +
                   (has_length ? "Content-Length: " + std::to_string(kSize) + "\r\n" : "") + "\r\n");
        peer.write(body);
        if (!has_length) peer.hangUp();
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    for (const char* path : {"/length", "/close", "/length", "/length"}) {
        ASSERT_TRUE(client.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: t\r\n\r\n"));
        const Answer answer = client.answer();
        EXPECT_TRUE(answer.whole && answer.body == body) << path << " " << answer.body.size();
    }
    std::string told;
    EXPECT_EQ(server.run("status", &told), 0);
    EXPECT_THAT(told, ::testing::ContainsRegex("bytes_spliced +[1-9][0-9]{6,}")) << told;
    EXPECT_EQ(upstream.connections, 2u);
    upstream.stop();  // before what its script refers to goes
}

TEST(ProxyServer, RetriesNothingThatTheClientHasSeen) {
    ScriptedUpstream upstream([](Peer& peer, const Seen&) {
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        peer.hangUp();
    });
    ServerProcess server(to(upstream));
    ASSERT_TRUE(server.isUp());
    const Answer answer = get(server.port(), "/");
    EXPECT_FALSE(answer.whole);
    EXPECT_EQ(upstream.requests, 1u);
}

}  // namespace
}  // namespace turnpike::proxy::test
