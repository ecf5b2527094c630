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
         {"127.0.0.1:3000", "10.1.2.3:80", "[::1]:3000", "unix:/run/app.sock", "localhost:3000"})
        EXPECT_EQ(refusal(good), "taken") << good;
    const std::pair<const char*, const char*> bad[] = {
        {"app_of_the:three:3000", "neither an address nor a name"},
        {"127.0.0.1", "is neither"},
        {"127.0.0.1:0", "is neither"},
        {"127.0.0.1:65536", "is neither"},
        {"unix:app.sock", "path must be absolute"},
        {"http://127.0.0.1:80", "neither an address nor a name"},
        {":80", "neither an address nor a name"},
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
