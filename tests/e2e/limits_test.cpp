// What a site's owner relies on when the config limits a supervised backend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "php_site.h"
#include "process/control_groups.h"

namespace turnpike::e2e {
namespace {
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class Limits : public ::testing::Test {
 protected:
    void SetUp() override {
        if (!hasEmbeddedPhp()) GTEST_SKIP() << "built without libphp (package libphp-embed)";
        ::mkdir(server.path("public").c_str(), 0755);
        server.folder().write("public/limits.php", "<?php readfile('/proc/self/limits');");
        server.folder().write("public/group.php", "<?php readfile('/proc/self/cgroup');");
        server.folder().write("public/hungry.php",
                              "<?php ini_set('memory_limit', '-1'); echo strlen(str_repeat('x', 3 << 30));");
    }
    void start(const std::string& keys) {
        server.setup.sites = embeddedSite("children = 2\n" + keys);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    std::string body(const std::string& path) { return get(server.port(), path).body; }
    static std::string contentOf(const std::string& path) {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    /// Where the groups are made; it says why when there can be none.
    void needGroups() {
        auto made = process::ControlGroups(0).make("turnpike-probe-" + std::to_string(::getpid()));
        if (!made) GTEST_SKIP() << made.error().text;
        ::rmdir(made->c_str());
        groups = made->substr(0, made->rfind('/'));
    }
    /// That of the interpreter that answers.
    std::string groupFolder() {
        const std::string path = body("/group.php");
        return groups + path.substr(path.rfind('/'), path.size() - path.rfind('/') - 1);
    }
    Turnpike server;
    std::string groups;
};

TEST_F(Limits, HoldForEachInterpreterAndChangeWithAReload) {
    start("memory = \"1GiB\"\nfile = \"1MiB\"\nopen_files = 100");
    std::string limits = body("/limits.php");
    EXPECT_THAT(limits, ContainsRegex("Max address space +1073741824 "));
    EXPECT_THAT(limits, ContainsRegex("Max file size +1048576 "));
    EXPECT_THAT(limits, ContainsRegex("Max open files +100 "));
    EXPECT_THAT(limits, ContainsRegex("Max core file size +0 "));
    server.setup.sites = embeddedSite("open_files = 200");
    server.writeConfig();
    ASSERT_TRUE(server.reload()) << server.errorLog();
    limits = body("/limits.php");
    EXPECT_THAT(limits, ContainsRegex("Max open files +200 "));
    EXPECT_THAT(limits, ContainsRegex("Max address space +unlimited "));
}

TEST_F(Limits, AScriptThatWantsMoreMemoryCostsItsOwnRequestOnly) {
    start("memory = \"1GiB\"");
    const std::string before = body("/limits.php");
    Answer answer = get(server.port(), "/hungry.php");
    EXPECT_THAT(answer.status, ::testing::AnyOf(500, 502));
    EXPECT_EQ(body("/limits.php"), before);
    EXPECT_TRUE(server.waitForLog("Out of memory"));
    EXPECT_THAT(server.errorLog(), HasSubstr("/hungry.php"));
}

TEST_F(Limits, EachBackendHasAGroupOfItsOwnWhereThatIsAllowed) {
    needGroups();
    if (IsSkipped()) return;
    start("");
    const std::string folder = groupFolder();
    EXPECT_THAT(folder, HasSubstr("/turnpike-site-php-"));
    EXPECT_EQ(::access(folder.c_str(), F_OK), 0);
    EXPECT_THAT(server.errorLog(), Not(HasSubstr("warn")));
    EXPECT_EQ(server.stop(), 0);
    EXPECT_NE(::access(folder.c_str(), F_OK), 0);
}

TEST_F(Limits, OfAGroupHoldOrAreSaidNotTo) {
    needGroups();
    if (IsSkipped()) return;
    start("cgroup_memory = \"300MiB\"\ncgroup_processes = 30");
    EXPECT_THAT(body("/limits.php"), HasSubstr("Max open files"));
    const std::string log = server.errorLog();
    const bool has_memory = log.find("backend site-php: cgroup_memory does not hold: /") == log.npos;
    const bool has_processes = log.find("backend site-php: cgroup_processes does not hold: /") == log.npos;
    if (has_memory) {
        EXPECT_EQ(contentOf(groupFolder() + "/memory.max"), "314572800\n");
    }
    if (has_processes) {
        EXPECT_EQ(contentOf(groupFolder() + "/pids.max"), "30\n");
    }
    if (!has_memory || !has_processes) GTEST_SKIP() << "not all is tried out: " << log;
}

TEST_F(Limits, OfAGroupAreWarnedOfWhereTheServerMayMakeNone) {
    if (!isRoot()) GTEST_SKIP() << "needs root, to start a server as somebody who may make no group";
    giveToWorkers(server.path());
    server.setup.before_exec = [] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(1);
    };
    ::chmod(server.path().c_str(), 0777);
    start("cgroup_memory = \"300MiB\"");
    EXPECT_THAT(body("/limits.php"), HasSubstr("Max open files"));
    EXPECT_THAT(server.errorLog(), HasSubstr("cgroup_memory does not hold: /"));
}

}  // namespace
}  // namespace turnpike::e2e
