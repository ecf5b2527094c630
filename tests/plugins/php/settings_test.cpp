#include "php/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sdk/fake_host.hpp"

extern "C" const tp_plugin* tp_plugin_entry(const tp_host*);

namespace turnpike::php {
namespace {
using ::testing::ElementsAreArray;

using Texts = std::map<std::string, std::string>;

std::string refusal(const Texts& texts, const std::string& root = "/srv/public") {
    fake::Host host;
    host.site.root = root;
    for (const auto& [key, value] : texts) host.set(key, value);
    return host.load(tp_plugin_entry) ? "" : host.problems().front();
}

TEST(PhpSettings, NeedNothingButARoot) {
    EXPECT_EQ(refusal({}), "");
    EXPECT_NE(refusal({}, "").find("this site has no root"), std::string::npos);
}

TEST(PhpSettings, RefuseWhatMakesNoSense) {
    struct Case {
        Texts texts;
        std::string part;
    };
    const Case cases[] = {
        {{{"processes", "many"}}, "processes: must be \"static\", \"dynamic\" or \"on_demand\", not \"many\""},
        {{{"children", "0"}}, "children: must be from 1 to 4096"},
        {{{"spare", "2"}}, "spare: means nothing with \"static\" processes"},
        {{{"idle_timeout", "5s"}}, "idle_timeout: means nothing with \"static\" processes"},
        {{{"processes", "dynamic"}, {"children", "2"}, {"spare", "3"}}, "spare: must not be more than children"},
        {{{"run_timeout", "0s"}}, "run_timeout: must be from 1ms to 24h"},
        {{{"open_files", "3"}}, "open_files: a program needs 4 or more"},
        {{{"cgroup_processes", "-1"}}, "cgroup_processes: must be 0 or more"},
    };
    for (const Case& c : cases) EXPECT_NE(refusal(c.texts).find(c.part), std::string::npos) << c.part;
}

TEST(PhpSettings, BecomeTheProgramsCommandLine) {
    fake::Host host;
    host.site.root = "/srv/public";
    host.site.name = "shop";
    host.set("children", "8");
    host.set("processes", "on_demand");
    host.set("idle_timeout", "1500ms");
    host.set("recycle", "1000");
    host.set("recycle_memory", "64MiB");
    host.set("run_timeout", "20s");
    host.setMap("ini", {{"memory_limit", "256M"}});
    ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    EXPECT_THAT(
        host.backends.declared(0).command,
        ElementsAreArray({"{plugins}/turnpike-php", "--name", "shop", "--children", "8", "--mode", "ondemand",
                          "--spare", "1", "--idle-timeout", "2", "--recycle", "1000", "--recycle-memory",
                          "67108864", "--run-timeout", "20", "-d", "memory_limit=256M"}));
    EXPECT_EQ(host.backends.declared(0).count, 8u);
    EXPECT_EQ(host.backends.declared(0).directory, "/srv/public");
}

TEST(PhpSettings, LimitTheProgram) {
    fake::Host host;
    host.site.root = "/srv/public";
    host.set("memory", "2GiB").set("file", "1MiB").set("open_files", "256").set("user_processes", "400");
    host.set("cgroup_memory", "512MiB").set("cgroup_processes", "64");
    ASSERT_TRUE(host.load(tp_plugin_entry)) << host.problems().front();
    const fake::Backend& declared = host.backends.declared(0);
    EXPECT_EQ(declared.memory_bytes, uint64_t{2} << 30);
    EXPECT_EQ(declared.file_bytes, 1u << 20);
    EXPECT_EQ(declared.open_files, 256u);
    EXPECT_EQ(declared.processes, 400u);
    EXPECT_EQ(declared.cgroup_memory_bytes, 512u << 20);
    EXPECT_EQ(declared.cgroup_processes, 64u);
}

TEST(PhpSettings, AreWhatTheReadmeSays) {
    std::stringstream readme;
    readme << std::ifstream(PHP_README).rdbuf();
    for (const tp_key& key : kKeys) {
        std::string fallback = key.fallback != nullptr ? "`" + std::string(key.fallback) + "`" : "";
        std::string row = "| `" + std::string(key.name) + "` | " + key.help + " | " + fallback + " |\n";
        EXPECT_NE(readme.str().find(row), std::string::npos) << row;
    }
}

}  // namespace
}  // namespace turnpike::php
