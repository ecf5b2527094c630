// What the server tells of its connections: each client is held in one state until the figures say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <map>
#include <memory>
#include <vector>

#include "processes.h"
#include "support/certificates.h"
#include "support/http2_client.h"
#include "support/prometheus_text.h"
#include "support/raw_client.h"
#include "support/server_process.h"
#include "support/tls_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using States = std::map<std::string, int>;

class ConnectionStates : public ::testing::Test {
 protected:
    ConnectionStates() : tls_port_(freePort()), proxy_port_(freePort()) {
        const MadeCertificate made = makeCertificate();
        server.folder().write("site.pem", made.certificate);
        server.folder().write("site.key", made.key);
        ::chmod(server.path("site.key").c_str(), 0600);
        server.setup.workers = 1;
        server.setup.listen = "127.0.0.1:PORT\", \"127.0.0.1:" + std::to_string(tls_port_) +
                              " tls\", \"127.0.0.1:" + std::to_string(proxy_port_);
        server.setup.server =
            "defer_accept = \"0s\"\ntrusted_proxies = [\"127.0.0.1\"]\nproxy_protocol = "
            "[\"127.0.0.1:" +
            std::to_string(proxy_port_) + "\"]\n";
        // Nothing but a client's own doing, a reload or a death changes a state here.
        server.setup.limits =
            "handshake = \"600s\"\nheader = \"600s\"\nbody_gap = \"600s\"\nkeepalive = \"600s\"\nwrite = "
            "\"600s\"\n"
            "linger = \"600s\"\nwrite_rate = 0\nbody_rate = 0\ndrain = \"100ms\"\n";
        server.setup.sites =
            "[[site]]\nname = \"site\"\nhosts = [\"localhost\"]\nroot = \"FOLDER\"\ntls = { certificate = "
            "\"FOLDER/site.pem\", key = \"FOLDER/site.key\" }\n"
            "[[site.route]]\nprefix = \"/\"\nplugin = \"probe\"\n";
    }
    void SetUp() override { ASSERT_TRUE(server.start()) << server.output(); }

    static std::string request(const std::string& path, const std::string& fields = "",
                               const std::string& method = "GET") {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
    }
    RawClient& connect(const std::string& bytes = "") { return connectTo(server.port(), bytes); }
    RawClient& connectTo(uint16_t port, const std::string& bytes = "") {
        clients_.push_back(std::make_unique<RawClient>(port));
        EXPECT_TRUE(bytes.empty() || clients_.back()->send(bytes));
        return *clients_.back();
    }
    void leave() { clients_.clear(); }

    /// All that are not 0.
    States states() const {
        States states;
        auto connections = server.status()->getObject("totals")->getObject("connections");
        for (const std::string& name : connections->getNames())
            if (const int count = connections->getValue<int>(name); count != 0) states[name] = count;
        return states;
    }
    int counted(const std::string& name) const {
        return server.status()->getObject("totals")->getObject("counters")->getValue<int>(name);
    }
    void expect(const States& expected) const {
        States now;
        EXPECT_TRUE(eventually([&] { return (now = states()) == expected; })) << ::testing::PrintToString(now);
        int sum = 0;
        for (const auto& [name, count] : expected) sum += count;
        EXPECT_TRUE(eventually([&] { return counted("connections") == sum; }));
    }
    /// A client in each state.
    void holdOneInEach() {
        connectTo(proxyPort());
        connectTo(tlsPort());
        connect();
        connect("GET /hello HT");
        connect(request("/spool", "Content-Length: 10\r\n", "POST") + "half ");
        connect(request("/never"));
        connect(request("/pieces"));
        connect(request("/tunnel", "Connection: Upgrade\r\nUpgrade: echo\r\n"));
        connect("rubbish\r\n\r\n");
        idle_ = std::make_unique<Http2Client>(server.port());
        active_ = std::make_unique<Http2Client>(server.port());
        for (int i = 0; i < 2; ++i) active_->get("/never");
    }
    const States one_in_each{{"proxy_header", 1}, {"handshake", 1},  {"idle", 1},        {"reading_head", 1},
                             {"reading_body", 1}, {"handling", 1},   {"writing", 1},     {"tunnel", 1},
                             {"closing", 1},      {"http2_idle", 1}, {"http2_active", 1}};

    uint16_t tlsPort() const { return tls_port_; }
    uint16_t proxyPort() const { return proxy_port_; }

    Turnpike server;
    std::unique_ptr<Http2Client> idle_, active_;

 private:
    uint16_t tls_port_, proxy_port_;
    std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST_F(ConnectionStates, AreToldForEachClient) {
    holdOneInEach();
    expect(one_in_each);
    EXPECT_EQ(counted("http2_streams"), 2);
    std::string text;
    EXPECT_EQ(server.run("metrics", &text), 0);
    const PrometheusText read(text);
    for (const auto& [name, count] : one_in_each)
        EXPECT_EQ(read.value("turnpike_connections{state=\"" + name + "\"}"), count);
    EXPECT_EQ(read.value("turnpike_http2_streams"), 2);
    EXPECT_EQ(server.run("status", &text), 0);
    EXPECT_THAT(text, ::testing::ContainsRegex("reading_head +1  a request's head has begun to come"));
    leave();
    idle_.reset();
    active_.reset();
    expect({});
    EXPECT_EQ(counted("http2_streams"), 0);
}

TEST_F(ConnectionStates, FollowAClient) {
    RawClient& client = connect();
    expect({{"idle", 1}});
    client.send("POST /echo HTTP/1.1\r\n");
    expect({{"reading_head", 1}});
    client.send("Host: localhost\r\nContent-Length: 10\r\n\r\n");
    expect({{"reading_body", 1}});
    client.send("half ");
    expect({{"reading_body", 1}});
    client.send("other");
    EXPECT_EQ(client.answer().body, "half other");
    expect({{"idle", 1}});
    client.send(request("/pieces"));
    expect({{"writing", 1}});
    EXPECT_EQ(client.answer().body.size(), 16u << 20);
    expect({{"idle", 1}});
    client.send(request("/never"));
    expect({{"handling", 1}});
}

TEST_F(ConnectionStates, FollowAClientThatPipelines) {
    RawClient& client = connect(request("/1k") + request("/pieces") + "GET /nev");
    expect({{"writing", 1}});
    EXPECT_EQ(client.answer().body.size(), 1024u);
    EXPECT_EQ(client.answer().body.size(), 16u << 20);
    expect({{"reading_head", 1}});
    client.send("er HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect({{"handling", 1}});
}

TEST_F(ConnectionStates, FollowAnUnreadBody) {
    RawClient& client = connect(request("/hello", "Content-Length: 10\r\n", "POST"));
    EXPECT_EQ(client.answer().status, 200);
    expect({{"reading_body", 1}});
    client.send("0123456789");
    expect({{"idle", 1}});
}

TEST_F(ConnectionStates, FollowProxyAndTls) {
    RawClient& client = connectTo(proxyPort(), "PROXY TCP4 192.0.2.1 127.0.");
    expect({{"proxy_header", 1}});
    client.send("0.1 4711 80\r\n");
    expect({{"idle", 1}});
    TlsClient::Options options;
    options.protocols = {"h2", "http/1.1"};
    TlsClient secure(tlsPort(), options);
    ASSERT_TRUE(secure.isOpen()) << secure.fault();
    expect({{"idle", 2}});
    secure.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Http2Client::frame(Http2Client::kSettings, 0, 0));
    expect({{"idle", 1}, {"http2_idle", 1}});
    connectTo(tlsPort(), request("/"));  // told that TLS is spoken here
    expect({{"idle", 1}, {"http2_idle", 1}, {"closing", 1}});
}

TEST_F(ConnectionStates, FollowTheStreamsOfAConnection) {
    Http2Client client(server.port());
    expect({{"http2_idle", 1}});
    const uint32_t first = client.get("/never"), second = client.get("/never");
    expect({{"http2_active", 1}});
    EXPECT_EQ(counted("http2_streams"), 2);
    for (const uint32_t stream : {first, second})
        client.sendFrame(Http2Client::kReset, 0, stream, Http2Client::number(Http2Client::kCancel));
    expect({{"http2_idle", 1}});
    EXPECT_EQ(counted("http2_streams"), 0);
    EXPECT_EQ(client.answer(client.get("/hello")).status, 200);
    expect({{"http2_idle", 1}});
    client.get("/never");
    client.sendFrame(Http2Client::kPing, 0, 0, "short");  // an error of the whole connection
    expect({{"closing", 1}});
    EXPECT_EQ(counted("http2_streams"), 0);
}

TEST_F(ConnectionStates, EndWithTheirWorker) {
    holdOneInEach();
    expect(one_in_each);
    const auto before = server.workers();
    for (pid_t worker : before) signalTo(worker, SIGSEGV);
    ASSERT_TRUE(eventually([&] { return server.workers().size() == 1 && server.workers() != before; }));
    expect({});
    EXPECT_EQ(counted("http2_streams"), 0);
}

TEST_F(ConnectionStates, EndWithTheirGeneration) {
    holdOneInEach();
    expect(one_in_each);
    ASSERT_TRUE(server.reload());
    expect({});
    EXPECT_EQ(counted("http2_streams"), 0);
}

}  // namespace
}  // namespace turnpike::e2e
