#include "fastcgi/settings.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fastcgi/php_fpm.h"
#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::fastcgi::test {
namespace {

using Texts = std::map<std::string, std::string>;
using Lists = std::map<std::string, std::vector<std::string>>;

std::string refusal(const Texts& texts, const Lists& lists = {}) {
    fake::Host host;
    for (const auto& [key, value] : texts) host.set(key, value);
    for (const auto& [key, value] : lists) host.setList(key, value);
    return host.load(tp_plugin_entry) ? "" : host.problems().front();
}

TEST(FastCgiSettings, RefusesWhatMakesNoSense) {
    struct Case {
        Texts texts;
        Lists lists;
        std::string part;
    };
    const Case cases[] = {
        {{}, {}, "no backend: set address"},
        {{{"preset", "php-fpm"}}, {}, "preset: \"php-fpm\" looks for scripts below the site's root"},
        {{{"preset", "ruby"}, {"address", "unix:/s"}},
         {},
         "preset: must be \"none\" or \"php-fpm\", not \"ruby\""},
        {{{"address", "unix:/s"}, {"balance", "random"}}, {}, "balance: must be"},
        {{{"address", "unix:s"}}, {}, "the socket's path must be absolute"},
        {{{"address", "9000"}}, {}, "is neither \"unix:/path\" nor \"address:port\""},
        {{{"address", ":9000"}}, {}, "is neither"},
        {{{"address", "10.0.0.1:9000"}}, {}, "is not a numeric loopback address"},
        {{{"address", "0.0.0.0:9000"}}, {}, "is not a numeric loopback address"},
        {{{"address", "127.evil.example:9000"}}, {}, "is not a numeric loopback address"},
        {{{"address", "app:9000"}}, {}, "is not a numeric loopback address"},
        {{}, {{"addresses", {"127.0.0.1:9", "localhost:9"}}}, "stands twice"},
        {{{"address", "unix:/s"}}, {{"addresses", {"unix:/t"}}}, "address or addresses, not both"},
        {{}, {{"addresses", {"unix:/t", "unix:/t"}}}, "stands twice"},
        {{}, {{"addresses", {"unix:/t", "1.2.3.4:9"}}}, "addresses: \"1.2.3.4:9\""},
        {{{"address", "unix:/s"}}, {{"command", {"/bin/app"}}}, "not both"},
        {{}, {{"command", {"app"}}}, "a program is named by its path"},
        {{{"address", "unix:/s"}, {"instances", "2"}}, {}, "instances: only means something"},
        {{{"address", "unix:/s"}, {"memory", "1GiB"}}, {}, "memory: only means something"},
        {{{"address", "unix:/s"}, {"cgroup_memory", "1GiB"}}, {}, "cgroup_memory: only means something"},
        {{{"address", "unix:/s"}, {"children", "-1"}}, {}, "children: must be from 0 to 4096"},
        {{{"address", "unix:/s"}, {"timeout", "0s"}}, {}, "timeout: must be from 1ms to 24h"},
        {{{"address", "unix:/s"}, {"run_timeout", "5s"}}, {}, "run_timeout: only for a php-fpm"},
        {{{"address", "unix:/s"}, {"recycle", "100"}}, {}, "recycle: only for a php-fpm"},
        {{{"address", "unix:/s"}, {"listen", "127.0.0.1:9000"}}, {}, "listen: only means something"},
        {{{"listen", "0.0.0.0:9000"}}, {{"command", {"/bin/app"}}}, "listen: \"0.0.0.0:9000\" is not a numeric"},
        {{{"listen", "unix:/s"}}, {{"command", {"/bin/app"}}}, "listen: \"unix:/s\" is not a numeric"},
        {{{"listen", "127.0.0.1:0"}}, {{"command", {"/bin/app"}}}, "choose a port from 1 to 65535"},
        {{{"listen", "127.0.0.1:65536"}}, {{"command", {"/bin/app"}}}, "choose a port from 1 to 65535"},
    };
    for (const Case& c : cases)
        EXPECT_NE(refusal(c.texts, c.lists).find(c.part), std::string::npos)
            << c.part << " in: " << refusal(c.texts, c.lists);
}

TEST(FastCgiSettings, TakesLoopbackAndUnixAddresses) {
    for (const char* address :
         {"unix:/run/php.sock", "127.0.0.1:9000", "127.8.8.8:1", "[::1]:9000", "localhost:9000"})
        EXPECT_EQ(refusal({{"address", address}}), "") << address;
}

TEST(FastCgiSettings, TakesARemoteAddressWhenItIsAllowed) {
    EXPECT_EQ(refusal({{"address", "10.0.0.1:9000"}, {"allow_remote", "true"}}), "");
    EXPECT_NE(refusal({{"address", "host:"}, {"allow_remote", "true"}}), "");
}

TEST(FastCgiSettings, DeclaresOneBackendForEachAddress) {
    fake::Host host;
    host.setList("addresses", {"unix:/a", "127.0.0.1:9000"}).set("children", "7");
    ASSERT_TRUE(host.load(tp_plugin_entry));
    ASSERT_EQ(host.backends.size(), 2u);
    EXPECT_EQ(host.backends.declared(0).address, "unix:/a");
    EXPECT_EQ(host.backends.declared(1).address, "127.0.0.1:9000");
    EXPECT_EQ(host.backends.declared(0).count, 7u);
    EXPECT_TRUE(host.backends.declared(0).command.empty());
}

TEST(FastCgiSettings, DeclaresASupervisedProgram) {
    fake::Host host;
    host.site.root = "/srv/app";
    host.setList("command", {"/srv/app/bin/app", "--quiet"}).setMap("environment", {{"MODE", "live"}});
    host.set("instances", "3").set("children", "2");
    ASSERT_TRUE(host.load(tp_plugin_entry));
    const fake::Backend& backend = host.backends.declared(0);
    EXPECT_EQ(backend.name, "test-app");
    EXPECT_EQ(backend.address, "");
    EXPECT_EQ(backend.command, (std::vector<std::string>{"/srv/app/bin/app", "--quiet"}));
    EXPECT_EQ(backend.env, (std::vector<std::string>{"MODE=live"}));
    EXPECT_EQ(backend.directory, "/srv/app");
    EXPECT_EQ(backend.instances, 3u);
    EXPECT_EQ(backend.count, 6u) << "places are the children of all instances";
    EXPECT_FALSE(backend.listens_itself);
}

TEST(FastCgiSettings, GivesASupervisedProgramAPort) {
    fake::Host host;
    host.setList("command", {"/bin/app"}).set("listen", "127.0.0.1:9000");
    ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    EXPECT_EQ(host.backends.declared(0).address, "127.0.0.1:9000");
    EXPECT_EQ(host.backends.declared(0).command.size(), 1u);
}

TEST(FastCgiSettings, FindARelativeProgramInItsFolder) {
    struct Case {
        const char *program, *directory, *path;
    };
    for (const Case& c : {Case{"../programs/app", "", "/srv/programs/app"}, Case{"./app", "", "/srv/public/app"},
                          Case{"./app", "/opt", "/opt/app"}, Case{"/bin/app", "/opt", "/bin/app"}}) {
        fake::Host host;
        host.site.root = "/srv/public";
        host.setList("command", {c.program});
        if (*c.directory != '\0') host.set("directory", c.directory);
        ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
        EXPECT_EQ(host.backends.declared(0).command.front(), c.path);
    }
    EXPECT_NE(refusal({}, {{"command", {"./app"}}}), "") << "without a root there is no folder to look in";
}

TEST(FastCgiSettings, AreWhatTheReadmeSays) {
    std::stringstream readme;
    readme << std::ifstream(FASTCGI_README).rdbuf();
    for (const tp_key& key : kKeys) {
        std::string fallback = key.fallback != nullptr ? "`" + std::string(key.fallback) + "`" : "";
        std::string row = "| `" + std::string(key.name) + "` | " + key.help + " | " + fallback + " |\n";
        EXPECT_NE(readme.str().find(row), std::string::npos) << row;
    }
}

/// A folder with empty programs.
class Programs {
 public:
    explicit Programs(const std::vector<std::string>& names) {
        char folder[] = "/tmp/turnpike-fpm-XXXXXX";
        path = ::mkdtemp(folder);
        for (const std::string& name : names) {
            std::ofstream(path + "/" + name).put('\n');
            ::chmod((path + "/" + name).c_str(), 0755);
        }
    }
    ~Programs() { std::filesystem::remove_all(path); }
    std::string path;
};

TEST(PhpFpm, FindsTheNewestVersion) {
    Programs programs({"php-fpm7.4", "php-fpm8.10", "php-fpm8.2", "php-fpm-helper", "php8.9"});
    EXPECT_EQ(findPhpFpm({"/nowhere", programs.path}), programs.path + "/php-fpm8.10");
}

TEST(PhpFpm, PrefersTheAdministratorsDefault) {
    Programs programs({"php-fpm8.2", "php-fpm"});
    EXPECT_EQ(findPhpFpm({programs.path}), programs.path + "/php-fpm");
}

TEST(PhpFpm, IgnoresWhatCannotBeRun) {
    Programs programs({"php-fpm8.2"});
    ::chmod((programs.path + "/php-fpm8.2").c_str(), 0644);
    EXPECT_EQ(findPhpFpm({programs.path}), "");
}

TEST(PhpFpm, ConfiguresAsManyChildrenAsThereArePlaces) {
    fake::Host host;
    host.site.name = "my]site\n";
    host.site.root = "/srv/www";
    host.set("preset", "php-fpm").set("children", "6").set("recycle", "500");
    if (findPhpFpm(phpFpmFolders()).empty()) {
        EXPECT_FALSE(host.load(tp_plugin_entry));
        EXPECT_NE(host.problems().front().find("install the package php-fpm"), std::string::npos);
        return;
    }
    ASSERT_TRUE(host.load(tp_plugin_entry));
    const fake::Backend& backend = host.backends.declared(0);
    EXPECT_EQ(backend.count, 6u);
    EXPECT_TRUE(backend.listens_itself);
    EXPECT_EQ(backend.name, "my_site_-php-fpm");
    EXPECT_EQ(backend.command.back(), "{config}");
    for (const char* line :
         {"[my_site_]\n", "listen = {socket}\n", "pm.max_children = 6\n", "pm.max_requests = 500\n"})
        EXPECT_NE(backend.config_text.find(line), std::string::npos) << line;
}

TEST(PhpFpm, ListensWhereItIsTold) {
    if (findPhpFpm(phpFpmFolders()).empty()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    fake::Host host;
    host.site.root = "/srv/www";
    host.set("preset", "php-fpm").set("listen", "[::1]:9000");
    ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    EXPECT_EQ(host.backends.declared(0).address, "[::1]:9000");
    EXPECT_NE(host.backends.declared(0).config_text.find("\nlisten = [::1]:9000\n"), std::string::npos);
}

TEST(PhpFpm, EndsAScriptThatHangsButNoneThatMayStillAnswer) {
    if (findPhpFpm(phpFpmFolders()).empty()) GTEST_SKIP() << "php-fpm is not installed (package php-fpm)";
    struct Case {
        Texts texts;
        std::string line;
    };
    for (const Case& c : {Case{{}, "= 900s\n"}, Case{{{"timeout", "20m"}, {"gap_timeout", "1500ms"}}, "= 1202s\n"},
                          Case{{{"timeout", "20m"}, {"run_timeout", "1ms"}}, "= 1s\n"}}) {
        fake::Host host;
        host.site.root = "/srv/www";
        host.set("preset", "php-fpm");
        for (const auto& [key, value] : c.texts) host.set(key, value);
        ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
        EXPECT_NE(host.backends.declared(0).config_text.find("request_terminate_timeout " + c.line),
                  std::string::npos)
            << host.backends.declared(0).config_text;
    }
}

}  // namespace
}  // namespace turnpike::fastcgi::test
