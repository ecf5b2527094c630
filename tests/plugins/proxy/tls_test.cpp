// `https://` targets on the fake host, which encrypts nothing: what the plugin asks of it, and what it makes of a
// connection that fails.
#include "fixture.h"

namespace turnpike::proxy::test {
namespace {

using ::testing::HasSubstr;

class ProxyTlsTest : public ProxyTest {
 protected:
    ProxyTlsTest() { targets_ = {"https://" + upstream.address()}; }
};

TEST_F(ProxyTlsTest, ConnectsByTheHostsTls) {
    load();
    for (int i = 0; i < 3; ++i) {
        auto& request = get();
        ASSERT_TRUE(host.run(request)) << request.why();
        EXPECT_EQ(request.text(), "hello");
    }
    EXPECT_EQ(host.tls.connects, 1u);
    ASSERT_EQ(host.tls.declared.size(), 1u);
    EXPECT_EQ(host.tls.declared[0].server_name, "127.0.0.1");
    EXPECT_EQ(host.tls.declared[0].protocol, "http/1.1");
    EXPECT_FALSE(host.tls.declared[0].is_unverified);
}

TEST_F(ProxyTlsTest, LeavesPlainTargetsAlone) {
    targets_ = {upstream.address()};
    load();
    ASSERT_TRUE(host.run(get()));
    EXPECT_EQ(host.tls.connects, 0u);
    EXPECT_TRUE(host.tls.declared.empty());
}

TEST_F(ProxyTlsTest, HandsItsKeysToTheHost) {
    host.setMap("tls",
                {{"trust", "/ca.pem"}, {"name", "App.Example"}, {"certificate", "/c.pem"}, {"key", "/c.key"}});
    load();
    ASSERT_EQ(host.tls.declared.size(), 1u);
    EXPECT_EQ(host.tls.declared[0].trust, "/ca.pem");
    EXPECT_EQ(host.tls.declared[0].server_name, "app.example");
    EXPECT_EQ(host.tls.declared[0].certificate, "/c.pem");
    EXPECT_EQ(host.tls.declared[0].key, "/c.key");
}

TEST_F(ProxyTlsTest, TakesAHandshakeThatFailsForARefusedConnection) {
    host.set("outage", "1ms");
    load();
    host.tls.fault = "certificate not for \"a\"";
    for (int i = 0; i < 100; ++i) host.io.failNext("connected", -EPROTO);
    EXPECT_THAT(causeOf(get(), 502), HasSubstr("target https://" + upstream.address() +
                                               " cannot be connected to: certificate not for \"a\""));
}

TEST_F(ProxyTlsTest, AsksTheNextTargetWhenAHandshakeFails) {
    ScriptedUpstream second;
    targets_.push_back("https://" + second.address());
    load();
    host.tls.fault = "certificate not for \"a\"";
    host.io.failNext("connected", -EPROTO);
    auto& request = host.request("POST", "/x").field("host", "t").body("paid");
    ASSERT_TRUE(host.run(request)) << request.why();
    EXPECT_EQ(request.status(), 200u);
    EXPECT_EQ(upstream.requests + second.requests, 1u);
}

TEST_F(ProxyTlsTest, SaysWhyAConnectionBroke) {
    load();
    host.tls.fault = "tlsv13 alert certificate required";
    host.io.failNext("read", -EPROTO);
    EXPECT_THAT(causeOf(post("paid"), 502),
                HasSubstr("broke the connection (tlsv13 alert certificate required) without an answer"));
}

TEST_F(ProxyTlsTest, IsRefusedWithTheHostsReason) {
    host.tls.refusal = "\"trust\": /ca.pem holds no certificate";
    host.setList("targets", targets_);
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_EQ(host.problems().front(), "tls: \"trust\": /ca.pem holds no certificate");
}

TEST_F(ProxyTlsTest, IsRefusedWhereTheHostSpeaksNone) {
    host.extend(TP_TLS_ID, nullptr).setList("targets", targets_);
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_THAT(host.problems().front(), HasSubstr("this host speaks no TLS"));
}

}  // namespace
}  // namespace turnpike::proxy::test
