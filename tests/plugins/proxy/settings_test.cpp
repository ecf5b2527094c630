#include "proxy/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/fake_host.hpp"
#include "support/readme_keys.h"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::proxy::test {
namespace {

TEST(ProxySettings, HaveARowInTheReadmeForEachKey) { turnpike::testing::expectKeysOf(kKeys, PROXY_README); }

std::string refusal(const std::string& target, const std::string& key = "", const std::string& value = "") {
    fake::Host host;
    host.setList("targets", {target});
    if (!key.empty()) host.set(key, value);
    return host.load(tp_plugin_entry) ? "taken" : host.problems().front();
}

TEST(ProxySettings, TakeAddresses) {
    for (const char* good :
         {"127.0.0.1:3000", "10.1.2.3:80", "[::1]:3000", "unix:/run/app.sock", "localhost:3000",
          "https://127.0.0.1:3000", "https://10.1.2.3", "https://[::1]", "https://[::1]:443", "https://localhost"})
        EXPECT_EQ(refusal(good), "taken") << good;
    const std::pair<const char*, const char*> bad[] = {
        {"app_of_the:three:3000", "neither an address nor a name"},
        {"127.0.0.1", "is neither"},
        {"127.0.0.1:0", "is neither"},
        {"127.0.0.1:65536", "is neither"},
        {"unix:app.sock", "path must be absolute"},
        {"http://127.0.0.1:80", "neither an address nor a name"},
        {":80", "neither an address nor a name"},
        {"https://", "neither an address nor a name"},
        {"https://127.0.0.1:0", "is neither"},
        {"https://unix:/run/app.sock", "what stays on this machine needs none"},
        {"https://127.0.0.1:80/app", "without a path"},
        {"https://me@127.0.0.1:80", "without a path or a user"},
    };
    for (const auto& [target, why] : bad) EXPECT_THAT(refusal(target), ::testing::HasSubstr(why)) << target;
}

TEST(ProxySettings, RefuseATargetThatIsAnotherByName) {
    fake::Host host;
    host.setList("targets", {"127.0.0.1:3000", "localhost:3000"});
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_THAT(host.problems().front(), ::testing::HasSubstr("\"127.0.0.1:3000\" stands twice"));
}

TEST(ProxySettings, RefuseWhatMakesNoSense) {
    const std::tuple<const char*, const char*, const char*> bad[] = {
        {"balance", "random", "balance: must be"},
        {"cookie", "a", "only means something with balance"},
        {"forwarded", "yes", "forwarded: must be"},
        {"host", "a b", "host: "},
        {"via", "a b", "via: "},
        {"health_path", "health", "must begin with"},
        {"health_status", "99", "health_status: must be from"},
        {"connections", "0", "connections: must be from"},
        {"timeout", "0s", "timeout: must be from"},
    };
    for (const auto& [key, value, why] : bad)
        EXPECT_THAT(refusal("127.0.0.1:3000", key, value), ::testing::HasSubstr(why)) << key;
}

/// What one entry stands for, with the `tls` of that name.
TargetSpec specOf(const std::string& entry, const std::string& name = "") {
    fake::Host host;
    host.io.names["LocalHost"] = "127.0.0.1";
    TlsKeys tls;
    tls.name = name;
    return readTarget(*host.table(), entry, tls).front();
}

TEST(ProxySettings, TellWhomACertificateMustBeFor) {
    const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
        // entry, address, Host, name of the certificate
        {"127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1:3000", ""},
        {"unix:/run/a.sock", "unix:/run/a.sock", "localhost", ""},
        {"https://LocalHost:8443", "127.0.0.1:8443", "LocalHost:8443", "localhost"},
        {"https://localhost", "127.0.0.1:443", "localhost", "localhost"},
        {"https://10.0.0.5:443", "10.0.0.5:443", "10.0.0.5", "10.0.0.5"},
        {"https://[::1]:8443", "[::1]:8443", "[::1]:8443", "::1"},
        {"https://[::1]", "[::1]:443", "[::1]", "::1"},
    };
    for (const auto& [entry, address, authority, name] : cases) {
        const TargetSpec spec = specOf(entry);
        EXPECT_EQ(spec.address, address);
        EXPECT_EQ(spec.authority, authority);
        EXPECT_EQ(spec.tls_name, name);
        EXPECT_EQ(spec.name, std::string(*name != '\0' ? "https://" : "") + address);
    }
    EXPECT_EQ(specOf("https://10.0.0.5", "app.example").tls_name, "app.example");
}

TEST(ProxySettings, RefuseATlsThatMakesNoSense) {
    const std::tuple<const char*, const char*, const char*> bad[] = {
        {"name", "10.0.0.5", "is an address, by which no server can be asked for"},
        {"name", "::1", "is an address"},
        {"name", "[::1]", "is an address"},
        {"name", "a b", "is no name of a machine"},
        {"verify", "off", "\"insecure-none\" believes whoever answers"},
        {"verify", "", "\"verify\" is left out"},
        {"trusted", "/ca.pem", "there is no \"trusted\""},
        {"trust", "", "\"trust\" is empty"},
    };
    for (const auto& [part, value, why] : bad) {
        fake::Host host;
        host.setList("targets", {"https://127.0.0.1:1"}).setMap("tls", {{part, value}});
        EXPECT_FALSE(host.load(tp_plugin_entry)) << part;
        EXPECT_THAT(host.problems().front(), ::testing::HasSubstr(why));
    }
    fake::Host host;
    host.setList("targets", {"127.0.0.1:1"}).setMap("tls", {{"trust", "/ca.pem"}});
    EXPECT_FALSE(host.load(tp_plugin_entry));
    EXPECT_THAT(host.problems().front(), ::testing::HasSubstr("only means something with a target"));
}

TEST(ProxySettings, RefuseFieldsThatAreTheProxysOwn) {
    for (const auto& [name, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"Content-Length", "1"},
                                                                    {"Host", "x"},
                                                                    {"Transfer-Encoding", "chunked"},
                                                                    {"a b", "1"},
                                                                    {"X", "a\nb"}}) {
        fake::Host host;
        host.setList("targets", {"127.0.0.1:1"}).setMap("fields", {{name, value}});
        EXPECT_FALSE(host.load(tp_plugin_entry)) << name;
    }
}

TEST(ProxySettings, RefuseAnUpgradeThatHidesRequests) {
    fake::Host host;
    host.setList("targets", {"127.0.0.1:1"}).setList("upgrade", {"H2C"});
    EXPECT_FALSE(host.load(tp_plugin_entry));
}

TEST(ProxySettings, RefuseATargetThatStandsTwice) {
    fake::Host host;
    host.setList("targets", {"127.0.0.1:1", "127.0.0.1:1"});
    EXPECT_FALSE(host.load(tp_plugin_entry));
}

}  // namespace
}  // namespace turnpike::proxy::test
