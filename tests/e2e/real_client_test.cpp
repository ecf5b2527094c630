// Who a request is from when it comes through a proxy: by the PROXY protocol, and by fields.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "processes.h"
#include "support/raw_client.h"
#include "support/server_process.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

/// A CGI program says who it is asked by; only 192.0.2.0/24 may ask for /inner.
constexpr const char* kSites =
    "[[site]]\nname = \"t\"\nhosts = [\"*\"]\nroot = \"FOLDER\"\n"
    "[[site.hook]]\nplugin = \"access\"\npaths = [\"/who/inner\"]\nallow = [\"192.0.2.0/24\"]\n"
    "[[site.route]]\nprefix = \"/who\"\nplugin = \"cgi\"\n";

std::string whoProgram() {
    return "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s %s %s' \"$REMOTE_ADDR\" \"$REMOTE_PORT\" "
           "\"$REQUEST_SCHEME\"\n";
}

std::string request(const std::string& path, const std::string& fields = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" + fields + "\r\n";
}

/// As HAProxy asks over HTTP/2, whichever way its own client came.
std::string requestForHttps(const std::string& fields = "") {
    return "GET https://t/who HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" + fields + "\r\n";
}

class RealClientTest : public ::testing::Test {
 protected:
    /// `lines`: of [server].
    void start(const std::string& lines, const std::string& limits = "") {
        setup_.sites = kSites;
        setup_.server = "defer_accept = \"0s\"\n" + lines;
        setup_.limits = limits;
        setup_.workers = 1;
        server = std::make_unique<Turnpike>(setup_);
        server->folder().write("who", whoProgram());
        std::filesystem::permissions(server->path("who"), std::filesystem::perms(0755));
        giveToWorkers(server->path());
        ASSERT_TRUE(server->start()) << server->output();
    }
    std::string who(const std::string& bytes) const {
        const Answer answer = ask(server->port(), bytes);
        return answer.status == 200 ? answer.body : std::to_string(answer.status);
    }

    e2e::Setup setup_;
    std::unique_ptr<Turnpike> server;
};

TEST_F(RealClientTest, IsThePeerWhenNobodyIsTrusted) {
    start("");
    EXPECT_THAT(who(request("/who", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n")),
                ::testing::MatchesRegex("127\\.0\\.0\\.1 [0-9]+ http"));
    EXPECT_EQ(who(request("/who/inner", "X-Forwarded-For: 192.0.2.1\r\n")), "403");
}

TEST_F(RealClientTest, IsWhoATrustedProxyNames) {
    start("trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]");
    EXPECT_EQ(
        who(request("/who", "X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.1.1.1\r\nX-Forwarded-Proto: https\r\n")),
        "192.0.2.1 0 https");
    EXPECT_EQ(who(request("/who/inner", "X-Forwarded-For: 192.0.2.1\r\n")), "192.0.2.1 0 http");
    EXPECT_EQ(who(request("/who/inner", "X-Forwarded-For: 192.0.2.1, 6.6.6.6\r\n")), "403") << "rules see it";
    EXPECT_EQ(who(request("/who", "Forwarded: for=192.0.2.1\r\n")).substr(0, 9), "127.0.0.1");
    EXPECT_TRUE(eventually([&] { return server->read("access.log").find("6.6.6.6 ") != std::string::npos; }))
        << "and so do the logs";
}

TEST_F(RealClientTest, IsNamedByForwarded) {
    start("trusted_proxies = [\"127.0.0.1\"]\nforwarded_field = \"forwarded\"");
    EXPECT_EQ(
        who(request("/who", "Forwarded: for=\"[2001:db8::1]:47\";proto=https\r\nX-Forwarded-For: 6.6.6.6\r\n")),
        "2001:db8::1 47 https");
}

TEST_F(RealClientTest, MayAskForHttpsThroughATrustedProxyOnly) {
    start("trusted_proxies = [\"127.0.0.1\"]");
    EXPECT_THAT(who(requestForHttps()), ::testing::EndsWith(" http")) << "a scheme is no word for the client";
    EXPECT_THAT(who(requestForHttps("X-Forwarded-Proto: https\r\n")), ::testing::EndsWith(" https"));
    start("trusted_proxies = [\"10.0.0.1\"]");
    EXPECT_EQ(who(requestForHttps()), "421");
}

class ProxyProtocolTest : public RealClientTest {
 protected:
    void startWith(const std::string& trusted, const std::string& limits = "") {
        start("trusted_proxies = [\"" + trusted + "\"]\nproxy_protocol = [\"127.0.0.1:PORT\"]", limits);
    }
};

TEST_F(ProxyProtocolTest, NamesTheClientOfAConnection) {
    startWith("127.0.0.1");
    EXPECT_EQ(who("PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n" + request("/who/inner")), "192.0.2.1 4711 http");
    EXPECT_EQ(who("PROXY TCP6 2001:db8::1 ::1 4711 80\r\n" + request("/who")), "2001:db8::1 4711 http");
    EXPECT_EQ(who("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x07\x7f\0\0\x01\x12\x67\0\x50"s + request("/who")),
              "192.0.2.7 4711 http");
    EXPECT_THAT(who("PROXY UNKNOWN\r\n" + request("/who")), ::testing::StartsWith("127.0.0.1 "));
    // The client itself is no trusted proxy.
    EXPECT_EQ(who("PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n" + request("/who", "X-Forwarded-For: 1.1.1.1\r\n")),
              "192.0.2.1 4711 http");
}

TEST_F(ProxyProtocolTest, LetsTheClientAskForHttps) {
    startWith("127.0.0.1");
    EXPECT_EQ(who("PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n" + requestForHttps()), "192.0.2.1 4711 http");
}

TEST_F(ProxyProtocolTest, TakesAHeaderThatComesByteByByte) {
    startWith("127.0.0.1");
    RawClient client(server->port());
    ASSERT_TRUE(client.sendSlowly("PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n" + request("/who"), 1));
    EXPECT_EQ(client.answer().body, "192.0.2.1 4711 http");
}

TEST_F(ProxyProtocolTest, ClosesWhatBeginsOtherwise) {
    startWith("127.0.0.1");
    for (const std::string& bytes : {request("/who"), "PROXY TCP4 1 2 3 4\r\n" + request("/who")}) {
        RawClient client(server->port());
        ASSERT_TRUE(client.send(bytes));
        bool closed = false;
        EXPECT_EQ(client.rest(10'000, &closed), "");
        EXPECT_TRUE(closed);
    }
    EXPECT_TRUE(
        server->waitForLog("a connection from 127.0.0.1 was closed for its PROXY header: no PROXY header"));
    EXPECT_TRUE(
        server->waitForLog("a connection from 127.0.0.1 was closed for its PROXY header: a bad address or port"));
}

TEST_F(ProxyProtocolTest, ClosesWhatComesFromElsewhere) {
    startWith("10.0.0.1");
    RawClient client(server->port());
    client.send("PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n" + request("/who"));
    bool closed = false;
    EXPECT_EQ(client.rest(10'000, &closed), "");
    EXPECT_TRUE(closed);
    EXPECT_TRUE(server->waitForLog("it is none of trusted_proxies"));
}

TEST_F(ProxyProtocolTest, WaitsNoLongerThanForAHead) {
    startWith("127.0.0.1", "header = \"300ms\"");
    RawClient client(server->port());
    ASSERT_TRUE(client.send("PROXY TCP4 192.0.2.1"));
    bool closed = false;
    EXPECT_EQ(client.rest(10'000, &closed), "");
    EXPECT_TRUE(closed);
    EXPECT_TRUE(server->waitForLog("it did not come in time (limits.header)"));
}

TEST_F(ProxyProtocolTest, LetsTheServerEnd) {
    startWith("127.0.0.1");
    RawClient client(server->port());
    ASSERT_TRUE(client.send("PROXY "));
    EXPECT_EQ(server->stop(), 0);
}

// Many clients behind one proxy are no one client.
TEST_F(ProxyProtocolTest, CountsConnectionsByTheRealClient) {
    startWith("127.0.0.1", "connections_per_address = 1");
    RawClient first(server->port()), second(server->port()), same(server->port());
    const auto head = [](const char* client) { return "PROXY TCP4 "s + client + " 127.0.0.1 4711 80\r\n"; };
    const std::string keep = "GET /who HTTP/1.1\r\nHost: t\r\n\r\n";
    ASSERT_TRUE(first.send(head("192.0.2.1") + keep));
    EXPECT_EQ(first.answer().body, "192.0.2.1 4711 http");
    ASSERT_TRUE(second.send(head("192.0.2.2") + keep));
    EXPECT_EQ(second.answer().body, "192.0.2.2 4711 http");
    ASSERT_TRUE(same.send(head("192.0.2.2") + keep));
    EXPECT_EQ(same.answer().body, "192.0.2.2 4711 http") << "in place of the idle one";
    bool closed = false;
    second.rest(10'000, &closed);
    EXPECT_TRUE(closed);
    ASSERT_TRUE(first.send(keep));
    EXPECT_EQ(first.answer().status, 200);
}

TEST(ProxyProtocolConfig, IsRefusedWhereNobodyIsTrusted) {
    const std::pair<const char*, const char*> bad[] = {
        {"proxy_protocol = [\"127.0.0.1:PORT\"]", "needs `trusted_proxies`"},
        {"trusted_proxies = [\"127.0.0.1\"]\nproxy_protocol = [\"127.0.0.1:1\"]", "is not in `listen`"},
        {"trusted_proxies = [\"all\"]", "would let every client say who it is"},
        {"trusted_proxies = [\"10.0.0.1/8\"]", "has bits set behind its network"},
    };
    for (const auto& [lines, why] : bad) {
        e2e::Setup setup;
        setup.server = lines;
        Turnpike server(setup);
        server.writeConfig();
        EXPECT_NE(server.startAndFail(), -1);
        EXPECT_THAT(server.output(), HasSubstr(why)) << lines;
    }
}

}  // namespace
}  // namespace turnpike::e2e
