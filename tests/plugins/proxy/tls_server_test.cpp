// The plugin in the real server, in front of servers that speak TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>

#include "scripted_upstream.h"
#include "support/patience.h"
#include "support/raw_client.h"
#include "support/server_process.h"
#include "tls_upstream.h"

namespace turnpike::proxy::test {
namespace {

using ::testing::HasSubstr;

/// An authority whose file the server is told to believe, and what it has signed.
class ProxyTls : public ::testing::Test {
 protected:
    ProxyTls() { ::chmod(files_.path().c_str(), 0755); }
    void SetUp() override { files_.write("trust.pem", authority.certificate); }

    MadeCertificate sign(const CertificateWish& wish) const { return makeCertificate(wish, &authority); }
    /// For the address of every upstream here.
    MadeCertificate good() const { return sign({.name = "good", .hosts = {"IP:127.0.0.1"}}); }
    std::string path(const std::string& name) const { return files_.path() + "/" + name; }
    void keep(const std::string& name, const std::string& text) const { files_.write(name, text); }

    /// Whom the workers of a server started as root are.
    static void giveToWorkers(const std::string& file) {
        const bool is_given = ::geteuid() != 0 || ::chown(file.c_str(), ::getpwnam("www-data")->pw_uid, 0) == 0;
        ASSERT_TRUE(is_given);
    }

    static std::string site(const std::string& target, const std::string& tls, const std::string& keys = "") {
        return "[[site]]\nname = \"t\"\nhosts = [\"*\"]\nbody_limit = \"1GiB\"\n[[site.route]]\nprefix = \"/\"\n"
               "plugin = \"proxy\"\ntargets = [\"" +
               target + "\"]\n" + (tls.empty() ? "" : "tls = { " + tls + " }\n") + keys + "\n";
    }
    std::string to(const TlsUpstream& upstream, const std::string& keys = "", const std::string& tls = "") const {
        return site(upstream.target(), "trust = \"" + path("trust.pem") + "\"" + tls, keys);
    }
    /// The cause that the error log has for a request that came to nothing.
    void expectRefused(const TlsUpstream& upstream, const std::string& tls, const std::string& cause) const {
        ServerProcess server(to(upstream, "outage = \"1ms\"", tls), "workers = 1");
        ASSERT_TRUE(server.isUp());
        EXPECT_EQ(get(server.port(), "/").status, 502) << cause;
        EXPECT_TRUE(server.waitForLog("target " + upstream.target() + " " + cause)) << server.errorLog();
        EXPECT_TRUE(upstream.connections > 0);
    }

    const MadeCertificate authority = makeCertificate({.name = "Test Authority", .is_authority = true});

 private:
    TempFolder files_;
};

TEST_F(ProxyTls, PassesRequestsOnOverOneConnection) {
    TlsUpstream upstream({.shown = good()});
    ServerProcess server(to(upstream), "workers = 1\naccess_format = \"json\"");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(client.send("GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\n\r\n"));
        EXPECT_EQ(client.answer().body, "hello") << server.errorLog();
    }
    EXPECT_EQ(upstream.connections, 1u);
    const auto seen = upstream.seen();
    ASSERT_EQ(seen.size(), 10u);
    EXPECT_THAT(seen.front().head, HasSubstr("GET /x?y=1 HTTP/1.1\r\nhost: a.example\r\n"));
    EXPECT_THAT(seen.front().head, HasSubstr("x-forwarded-proto: http\r\n"));
    EXPECT_EQ(seen.front().version, "TLSv1.3");
    EXPECT_EQ(seen.front().protocol, "http/1.1");
    EXPECT_EQ(seen.front().server_name, "") << "an address is no name to ask for";
    EXPECT_EQ(seen.front().client, "");
}

TEST_F(ProxyTls, AsksForTheNameThatTheCertificateMustBeFor) {
    TlsUpstream upstream({.shown = sign({.name = "App.Example"})});
    ServerProcess server(to(upstream, "", ", name = \"app.example\""), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
    ASSERT_FALSE(upstream.seen().empty());
    EXPECT_EQ(upstream.seen().front().server_name, "app.example");

    TlsUpstream local({.shown = sign({.name = "localhost"})});
    std::string by_name = to(local);
    by_name.replace(by_name.find("127.0.0.1"), 9, "localhost");
    ServerProcess named(by_name, "workers = 1");
    ASSERT_TRUE(named.isUp());
    RawClient client(named.port());
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(client.answer().body, "hello") << named.errorLog();
    ASSERT_FALSE(local.seen().empty());
    EXPECT_EQ(local.seen().front().server_name, "localhost");
    EXPECT_THAT(local.seen().front().head, HasSubstr("\r\nhost: localhost:" + std::to_string(local.port())));
}

TEST_F(ProxyTls, SaysWhyATargetIsNotBelieved) {
    const MadeCertificate other = makeCertificate({.name = "Other Authority", .is_authority = true});
    const struct {
        MadeCertificate shown;
        std::string tls, cause;
    } cases[] = {
        {sign({.name = "old.example"}), "",
         "cannot be connected to: certificate not for \"127.0.0.1\", but for DNS:old.example"},
        {sign({.name = "old.example", .hosts = {"a.example", "b.example"}}), ", name = \"app.example\"",
         "cannot be connected to: certificate not for \"app.example\", but for DNS:a.example, DNS:b.example"},
        {sign({.name = "app.example", .hosts = {"IP:127.0.0.1"}}), ", name = \"app.example\"",
         "cannot be connected to: certificate not for \"app.example\", but for IP Address:127.0.0.1"},
        {sign({.hosts = {"IP:127.0.0.1"}, .until_s = -60}), "",
         "cannot be connected to: certificate of \"CN=localhost\" has expired on "},
        {makeCertificate({.hosts = {"IP:127.0.0.1"}}, &other), "",
         "cannot be connected to: certificate of an unknown authority, \"CN=Other Authority\""},
        {makeCertificate({.hosts = {"IP:127.0.0.1"}}), "",
         "cannot be connected to: certificate of an unknown authority, \"CN=localhost\""},
    };
    for (const auto& one : cases) {
        TlsUpstream upstream({.shown = one.shown});
        expectRefused(upstream, one.tls, one.cause);
        EXPECT_TRUE(upstream.seen().empty()) << "nothing was said to whom nobody believes";
    }
}

TEST_F(ProxyTls, SaysWhatItIsThatSpeaksNoTlsAsItMust) {
    const struct {
        TlsUpstream::Options options;
        std::string cause;
    } cases[] = {
        {{.shown = good(), .least_version = TLS1_VERSION, .most_version = TLS1_VERSION},
         "cannot be connected to: tlsv1 alert protocol version"},
        {{.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"},
         "cannot be connected to: what came is plain HTTP, no TLS"},
        {{.instead = "220 mail.example ESMTP\r\n"}, "cannot be connected to: what came is no TLS"},
        {{.instead = "(end)"}, "cannot be connected to: "},
        {{.shown = good(), .client_ca = authority.certificate, .most_version = TLS1_2_VERSION},
         "cannot be connected to: sslv3 alert handshake failure"},
        // In TLS 1.3 a server says so after the handshake (RFC 8446 4.4.2.4).
        {{.shown = good(), .client_ca = authority.certificate},
         "broke the connection (tlsv13 alert certificate required) without an answer"},
    };
    for (const auto& one : cases) {
        TlsUpstream upstream(one.options);
        expectRefused(upstream, "", one.cause);
    }
}

TEST_F(ProxyTls, BelievesAnybodyOnlyWhereThatIsSpeltOut) {
    TlsUpstream upstream({.shown = makeCertificate({.name = "x", .until_s = -60})});
    ServerProcess server(site(upstream.target(), "verify = \"insecure-none\""), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
}

TEST_F(ProxyTls, BelievesTheMachinesAuthoritiesWithoutBeingTold) {
    TlsUpstream upstream({.shown = good()});
    ::setenv("SSL_CERT_FILE", path("trust.pem").c_str(), 1);
    ServerProcess server(site(upstream.target(), ""), "workers = 1");
    ::unsetenv("SSL_CERT_FILE");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
}

TEST_F(ProxyTls, ShowsItsCertificateToWhoAsks) {
    const MadeCertificate client = sign({.name = "the proxy"});
    keep("client.pem", client.certificate);
    keep("client.key", client.key);
    const std::string key = path("client.key");
    ASSERT_EQ(::chmod(key.c_str(), 0600), 0);
    giveToWorkers(key);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsUpstream upstream({.shown = good(), .client_ca = authority.certificate, .most_version = version});
        ServerProcess server(
            to(upstream, "", ", certificate = \"" + path("client.pem") + "\", key = \"" + key + "\""),
            "workers = 1");
        ASSERT_TRUE(server.isUp());
        EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
        ASSERT_FALSE(upstream.seen().empty());
        EXPECT_EQ(upstream.seen().front().client, "the proxy");
    }
}

TEST_F(ProxyTls, ComesBackWithTheSessionItWasGiven) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsUpstream upstream({.shown = good(), .most_version = version}, [](TlsPeer& peer, const auto&) {
            peer.write(goodAnswer("hello", "Connection: close\r\n"));
            peer.hangUp();
        });
        ServerProcess server(to(upstream), "workers = 1");
        ASSERT_TRUE(server.isUp());
        for (int i = 0; i < 5; ++i) EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
        EXPECT_EQ(upstream.handshakes, 5u);
        EXPECT_EQ(upstream.resumed(), 4u) << version;
    }
}

TEST_F(ProxyTls, GivesAHandshakeThatStallsNoMoreTimeThanAConnection) {
    TlsUpstream upstream({.instead = "(silence)"});
    ServerProcess server(to(upstream, "connect_timeout = \"300ms\""), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").status, 504);
    EXPECT_TRUE(server.waitForLog("cannot be connected to: the TLS handshake has not come to its end"))
        << server.errorLog();
}

/// Where nothing but the end tells that an answer is whole, the end must be told (RFC 9112 9.8).
TEST_F(ProxyTls, TakesACutAnswerForNoWholeOne) {
    for (const bool is_cut : {false, true}) {
        TlsUpstream upstream({.shown = good()}, [is_cut](TlsPeer& peer, const auto&) {
            peer.write("HTTP/1.1 200 OK\r\n\r\nall that there is");
            peer.hangUp(is_cut);
        });
        ServerProcess server(to(upstream), "workers = 1");
        ASSERT_TRUE(server.isUp());
        const Answer answer = get(server.port(), "/");
        EXPECT_EQ(answer.whole && answer.status == 200, !is_cut) << server.errorLog();
        if (is_cut) {
            EXPECT_TRUE(server.waitForLog("it ended without close_notify, as a connection that is cut"));
        } else {
            EXPECT_EQ(answer.body, "all that there is");
        }
    }
}

/// The end may come with the last bytes, and the socket itself stays open.
TEST_F(ProxyTls, TakesAGoodbyeForTheEnd) {
    TlsUpstream upstream({.shown = good()}, [](TlsPeer& peer, const auto&) {
        peer.holdBack(true);
        peer.write("HTTP/1.1 200 OK\r\n\r\nall that there is");
        peer.sayGoodbye();
        peer.holdBack(false);
        peer.read();
        peer.hangUp(true);
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    const Answer answer = get(server.port(), "/");
    EXPECT_TRUE(answer.whole) << server.errorLog();
    EXPECT_EQ(answer.body, "all that there is");
}

TEST_F(ProxyTls, KeepsAnIdleConnectionOnWhichTlsTalksToItself) {
    std::atomic<bool> is_idle{false}, has_talked{false};
    TlsUpstream upstream({.shown = good()}, [&](TlsPeer& peer, const auto&) {
        peer.write(goodAnswer("hello"));
        if (has_talked) return;
        eventually([&] { return is_idle.load(); });
        peer.changeKeys();
        has_talked = true;
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
        is_idle = true;
        EXPECT_TRUE(eventually([&] { return has_talked.load(); }));
    }
    EXPECT_EQ(upstream.connections, 1u);
}

TEST_F(ProxyTls, AsksAgainWhenAKeptConnectionHasEnded) {
    std::atomic<unsigned> requests{0};
    TlsUpstream upstream({.shown = good()}, [&](TlsPeer& peer, const TlsUpstream::Seen& seen) {
        ++requests;
        // The second request of a connection finds it closed.
        if (seen.connection == 0 && requests > 1) return peer.hangUp();
        peer.write(goodAnswer("hello"));
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n"));
        EXPECT_EQ(client.answer().body, "hello") << server.errorLog();
    }
    EXPECT_EQ(upstream.connections, 2u);
    EXPECT_EQ(requests, 4u);
}

TEST_F(ProxyTls, SendsNoPostTwice) {
    std::atomic<unsigned> requests{0};
    TlsUpstream upstream({.shown = good()}, [&](TlsPeer& peer, const auto&) {
        if (++requests > 1) return peer.hangUp();
        peer.write(goodAnswer("hello"));
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").body, "hello");
    const std::string post = "POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(ask(server.port(), post).status, 502);
    EXPECT_EQ(requests, 2u);
}

TEST_F(ProxyTls, DropsAConnectionThatItsTargetEnds) {
    std::atomic<bool> saw_the_end{false};
    TlsUpstream upstream({.shown = good()}, [&](TlsPeer& peer, const TlsUpstream::Seen& seen) {
        peer.write(goodAnswer("hello"));
        if (seen.connection > 0) return;
        peer.hangUp();
        saw_the_end = peer.read().empty();  // its own goodbye is the answer to ours
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").body, "hello");
    EXPECT_TRUE(eventually([&] { return saw_the_end && upstream.open == 0; }));
    const std::string post = "POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(ask(server.port(), post).body, "hello") << "a POST finds a connection that is there";
    EXPECT_EQ(upstream.connections, 2u);
}

TEST_F(ProxyTls, CarriesLargeBodiesBothWays) {
    constexpr size_t kSize = 32u << 20;
    std::string large(kSize, 'x');
    for (size_t i = 0; i < kSize; i += 4096) large[i] = static_cast<char>('a' + i / 4096 % 26);
    TlsUpstream upstream({.shown = good()}, [&](TlsPeer& peer, const auto&) {
        const std::string body = peer.readExactly(kSize);
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
        peer.write(body);
    });
    ServerProcess server(to(upstream), "workers = 1");
    ASSERT_TRUE(server.isUp());
    for (int i = 0; i < 2; ++i) {
        RawClient client(server.port());
        ASSERT_TRUE(
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"));
        ASSERT_TRUE(client.send(large));
        const Answer answer = client.answer();
        EXPECT_EQ(answer.status, 200) << server.errorLog();
        EXPECT_TRUE(answer.body == large) << answer.body.size();
    }
    EXPECT_EQ(upstream.connections, 1u);
}

// Each side says all that it has before it hears the other one to its end.
TEST_F(ProxyTls, CarriesTunnelsThatEndOneSideAfterTheOther) {
    const std::string large(3u << 20, 'x');
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsUpstream upstream({.shown = good(), .most_version = version}, [&](TlsPeer& peer,
                                                                             const TlsUpstream::Seen& seen) {
            const bool speaks_first = seen.head.find("/first") != std::string::npos;
            peer.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            if (speaks_first) peer.write(large);
            if (speaks_first) peer.sayGoodbye();
            size_t size = 0;
            for (std::string part = peer.read(); !part.empty(); part = peer.read()) size += part.size();
            if (!speaks_first) peer.write("heard " + std::to_string(size));
            peer.hangUp();
        });
        ServerProcess server(to(upstream), "workers = 1");
        ASSERT_TRUE(server.isUp());
        for (const std::string path : {"/first", "/last"}) {
            RawClient client(server.port());
            ASSERT_TRUE(client.send("GET " + path +
                                    " HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
            ASSERT_EQ(client.answer(true).status, 101) << server.errorLog();
            bool closed = false;
            if (path == "/first") {
                EXPECT_TRUE(client.rest(10'000, &closed) == large);
            }
            ASSERT_TRUE(client.send(large + large));
            client.endSending();
            const std::string heard = path == "/first" ? "" : "heard " + std::to_string(2 * large.size());
            EXPECT_EQ(client.rest(10'000, &closed), heard) << server.errorLog();
            EXPECT_TRUE(closed);
        }
    }
}

TEST_F(ProxyTls, AsksForHealthInTheSameWay) {
    TlsUpstream upstream({.shown = sign({.name = "old.example"})});
    const std::string probing = "health_path = \"/health\"\nhealth_interval = \"2s\"";
    ServerProcess server(to(upstream, probing), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_TRUE(server.waitForLog("target " + upstream.target() +
                                  " does not answer well, it gets no requests: it cannot be connected to: "
                                  "certificate not for \"127.0.0.1\", but for DNS:old.example"))
        << server.errorLog();
    TlsUpstream well({.shown = good()});
    ServerProcess other(to(well, probing), "workers = 1");
    ASSERT_TRUE(other.isUp());
    EXPECT_TRUE(eventually([&] { return !well.seen().empty(); }));
    EXPECT_THAT(well.seen().front().head, HasSubstr("GET /health HTTP/1.1\r\nhost: " + well.address() + "\r\n"));
    EXPECT_EQ(get(other.port(), "/").body, "hello") << other.errorLog();
}

TEST_F(ProxyTls, TakesNewFilesWithAReload) {
    TlsUpstream upstream({.shown = good()});
    keep("trust.pem", makeCertificate({.name = "Other Authority", .is_authority = true}).certificate);
    ServerProcess server(to(upstream, "outage = \"1ms\""), "workers = 1");
    ASSERT_TRUE(server.isUp());
    EXPECT_EQ(get(server.port(), "/").status, 502);
    keep("trust.pem", "nothing");
    std::string output;
    EXPECT_NE(server.run("reload", &output), 0);
    EXPECT_THAT(output, HasSubstr("tls: \"trust\": " + path("trust.pem") + " holds no certificate in PEM form"));
    keep("trust.pem", authority.certificate);
    ASSERT_EQ(server.run("reload", &output), 0) << output;
    EXPECT_EQ(get(server.port(), "/").body, "hello") << server.errorLog();
}

TEST_F(ProxyTls, SaysWhatIsWrongWithTheFiles) {
    const MadeCertificate one = sign({}), two = sign({});
    keep("one.pem", one.certificate);
    keep("two.key", two.key);
    keep("open.key", one.key);
    giveToWorkers(path("two.key"));
    ASSERT_EQ(::chmod(path("two.key").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(path("open.key").c_str(), 0644), 0);
    const std::string shown = "certificate = \"" + path("one.pem") + "\"";
    const std::pair<std::string, std::string> cases[] = {
        {"trust = \"" + path("none.pem") + "\"", "\"trust\": cannot read " + path("none.pem")},
        {"trust = \"none.pem\"", "\"trust\": none.pem must be an absolute path"},
        {shown, "\"certificate\" needs its \"key\""},
        {shown + ", key = \"" + path("two.key") + "\"", path("two.key") + " is not the key of the certificate"},
        {shown + ", key = \"" + path("open.key") + "\"", "others than its owner may read or write this key"},
        {"trust = \"" + path("one.pem") + "\", verify = \"insecure-none\"", "nothing is checked against it"},
    };
    ServerProcess server(site("127.0.0.1:1", ""));
    ASSERT_TRUE(server.isUp());
    for (const auto& [tls, why] : cases) {
        server.writeConfig(site("https://127.0.0.1:1", tls));
        std::string output;
        EXPECT_NE(server.run("reload", &output), 0) << tls;
        EXPECT_THAT(output, HasSubstr("plugin proxy: tls: " + (why.starts_with("\"") ? why : "")));
        EXPECT_THAT(output, HasSubstr(why));
    }
}

}  // namespace
}  // namespace turnpike::proxy::test
