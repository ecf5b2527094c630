// What a site's owner relies on when the config limits who runs its scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <future>
#include <ostream>
#include <sstream>
#include <vector>

#include "php_site.h"
#include "process/control_groups.h"
#include "processes.h"
#include "support/patience.h"
#include "support/raw_client.h"

namespace turnpike::e2e {
namespace {
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

/// Who runs a site's scripts.
struct How {
    const char* name;
    bool is_there;
    std::string (*site)(const std::string& keys);
    const char* suffix;
    const char *teller, *group;          // in the error log, and in the cgroup's name
    const char* group_keys;              // without which there is no group
    const char *by_default, *exhausted;  // address space; what the error log says
};

void PrintTo(const How& one, std::ostream* to) { *to << one.name; }

std::string cgiSite(const std::string& keys) {
    return R"(
[[site]]
name = "site"
root = "FOLDER/public"
[[site.route]]
prefix = "/"
suffix = ".cgi"
plugin = "cgi"
)" + keys;
}

std::vector<How> hows() {
    return {{"Cgi", true, [](const std::string& keys) { return cgiSite(keys); }, ".cgi", "programs of site site",
             "/turnpike-site-programs-", "cgroup_processes = 1000\n", "536870912", "memory exhausted"},
            {"Fpm", hasPhpFpm(), [](const std::string& keys) { return phpFpmSite(keys); }, ".php",
             "backend site-php-fpm", "/turnpike-site-php-fpm-", "", "unlimited", "Out of memory"},
            {"Embedded", hasEmbeddedPhp(),
             [](const std::string& keys) { return embeddedSite("children = 2\n" + keys); }, ".php",
             "backend site-php", "/turnpike-site-php-", "", "unlimited", "Out of memory"}};
}

class Limits : public ::testing::TestWithParam<How> {
 protected:
    void SetUp() override {
        if (!GetParam().is_there) GTEST_SKIP() << "its PHP is not installed, or Turnpike was built without it";
        ::mkdir(server.path("public").c_str(), 0755);
        server.folder().write("public/limits.php", "<?php readfile('/proc/self/limits');");
        server.folder().write("public/group.php", "<?php readfile('/proc/self/cgroup');");
        server.folder().write("public/hungry.php",
                              "<?php ini_set('memory_limit', '-1'); echo strlen(str_repeat('x', 3 << 30));");
        const std::string head = "printf 'Content-Type: text/plain\\n\\n'\n";
        writeProgram("limits.cgi", head + "cat /proc/self/limits");
        writeProgram("group.cgi", head + "cat /proc/self/cgroup");
        for (const char* name : {"hungry.cgi", "greedy.cgi"})
            writeProgram(name,
                         "awk 'BEGIN { x = \"x\"; while (length(x) < 3e9) x = x x }' || { echo memory exhausted "
                         ">&2; exit 1; }\n" +
                             head);
        // A machine may refuse what is more than it has, limit or not. So this one takes a little at a time.
        server.folder().write("public/greedy.php",
                              "<?php ini_set('memory_limit', '-1'); $all = [];"
                              "while (count($all) < 1000) $all[] = str_repeat('x', 1 << 20);");
        server.folder().write("public/many.php",
                              "<?php for ($i = 0; $i < 60; ++$i) $all[] = proc_open(['sleep', '60'], [], $no);"
                              "$all = array_filter($all); foreach ($all as $one) proc_terminate($one, 9);"
                              "echo count($all) < 60 ? 'refused' : 'all of them';");
        writeProgram(
            "many.cgi",
            head + "(while [ $((i += 1)) -le 60 ]; do sleep 60 & done; echo all of them) || echo refused");
        writeProgram("slow.cgi", "sleep 5\n" + head);
    }
    /// Nothing may be left in it.
    void TearDown() override {
        if (groups.empty()) return;
        server.stop();
        ::rmdir((groups + "/" + std::string(process::ControlGroups::kLeaf)).c_str());
        EXPECT_TRUE(eventually([this] { return ::rmdir(groups.c_str()) == 0; })) << groups;
    }
    void writeProgram(const std::string& name, const std::string& text) {
        server.folder().write("public/" + name, "#!/bin/sh\n" + text + "\n");
        ::chmod(server.path("public/" + name).c_str(), 0755);
    }
    void start(const std::string& keys) {
        server.setup.sites = GetParam().site(keys);
        ASSERT_TRUE(server.start()) << server.output() << server.errorLog();
    }
    /// Head and body as they come; with patience, since memory and processes take their time where both are
    /// emulated.
    std::string answer(const std::string& path) {
        RawClient client(server.port());
        EXPECT_TRUE(client.send("GET " + path + " HTTP/1.0\r\nHost: t\r\n\r\n"));
        return client.rest(120'000);
    }
    std::string body(const std::string& script) {
        const std::string whole = answer(script + GetParam().suffix);
        const size_t end = whole.find("\r\n\r\n");
        return end == std::string::npos ? "" : whole.substr(end + 4);
    }
    std::string told(const std::string& what) const { return GetParam().teller + (": " + what); }
    static std::string contentOf(const std::string& path) {
        std::stringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    /// The server gets a group of its own, as a service that has Delegate=yes; it says why when there can be none.
    void needGroups() {
        auto made = process::ControlGroups(0).make("turnpike-test-" + std::to_string(::getpid()));
        if (!made) GTEST_SKIP() << made.error().text;
        groups = *made;
        server.setup.before_exec = [this] { std::ofstream(groups + "/cgroup.procs") << 0; };
    }
    /// And limits in it can hold.
    void needLimits() {
        needGroups();
        if (IsSkipped()) return;
        const std::string controllers = contentOf(groups + "/cgroup.controllers");
        for (const char* name : {"memory", "pids"})
            if (controllers.find(name) == controllers.npos)
                GTEST_SKIP() << groups << " has no controller \"" << name << "\"";
    }
    /// That of the program that answers.
    std::string groupFolder() {
        const std::string all = body("/group"), own = all.substr(all.find("0::") + 3);
        const std::string path = own.substr(0, own.find('\n'));
        return groups + path.substr(path.rfind('/'));
    }
    Turnpike server;
    std::string groups;
};

TEST_P(Limits, HoldForEachInterpreterAndChangeWithAReload) {
    start("memory = \"1GiB\"\nfile = \"1MiB\"\nopen_files = 100");
    std::string limits = body("/limits");
    EXPECT_THAT(limits, ContainsRegex("Max address space +1073741824 "));
    EXPECT_THAT(limits, ContainsRegex("Max file size +1048576 "));
    EXPECT_THAT(limits, ContainsRegex("Max open files +100 "));
    EXPECT_THAT(limits, ContainsRegex("Max core file size +0 "));
    server.setup.sites = GetParam().site("open_files = 200");
    server.writeConfig();
    ASSERT_TRUE(server.reload()) << server.errorLog();
    limits = body("/limits");
    EXPECT_THAT(limits, ContainsRegex("Max open files +200 "));
    EXPECT_THAT(limits, ContainsRegex(std::string("Max address space +") + GetParam().by_default + " "));
}

TEST_P(Limits, AScriptThatWantsMoreMemoryCostsItsOwnRequestOnly) {
    start("memory = \"1GiB\"");
    const std::string before = body("/limits");
    const std::string script = std::string("/hungry") + GetParam().suffix;
    EXPECT_THAT(answer(script), ContainsRegex("^HTTP/1.1 50[02] "));
    EXPECT_EQ(body("/limits"), before);
    EXPECT_TRUE(server.waitForLog(GetParam().exhausted));
    EXPECT_THAT(server.errorLog(), HasSubstr(script));
}

TEST_P(Limits, AreOfAGroupOfItsOwnWhereThatIsAllowed) {
    needGroups();
    if (IsSkipped()) return;
    const std::string keys = GetParam().group_keys;
    start(keys);
    const std::string folder = groupFolder();
    EXPECT_THAT(folder, HasSubstr(GetParam().group));
    EXPECT_EQ(groupFolder(), folder);
    EXPECT_EQ(::access(folder.c_str(), F_OK), 0);
    if (keys.empty()) {
        EXPECT_THAT(server.errorLog(), Not(HasSubstr("warn")));
    }
    EXPECT_EQ(server.stop(), 0);
    EXPECT_NE(::access(folder.c_str(), F_OK), 0);
}

TEST_P(Limits, OfAGroupHoldOrAreSaidNotTo) {
    needGroups();
    if (IsSkipped()) return;
    start("cgroup_memory = \"300MiB\"\ncgroup_processes = 30");
    EXPECT_THAT(body("/limits"), HasSubstr("Max open files"));
    const std::string log = server.errorLog();
    const bool has_memory = log.find(told("cgroup_memory does not hold: /")) == log.npos;
    const bool has_processes = log.find(told("cgroup_processes does not hold: /")) == log.npos;
    if (has_memory) {
        EXPECT_EQ(contentOf(groupFolder() + "/memory.max"), "314572800\n");
    }
    if (has_processes) {
        EXPECT_EQ(contentOf(groupFolder() + "/pids.max"), "30\n");
    }
    if (!has_memory || !has_processes) GTEST_SKIP() << "not all is tried out: " << log;
}

TEST_P(Limits, OfAGroupEndWhoWantsMoreMemory) {
    needLimits();
    if (IsSkipped()) return;
    start("cgroup_memory = \"100MiB\"");
    EXPECT_THAT(body("/limits"), HasSubstr("Max open files"));
    const std::string script = std::string("/greedy") + GetParam().suffix;
    EXPECT_THAT(get(server.port(), script).status, ::testing::AnyOf(500, 502));
    EXPECT_TRUE(server.waitForLog(told("cgroup_memory (104857600) is reached: ")));
    EXPECT_THAT(server.errorLog(), HasSubstr(" processes killed"));
    EXPECT_THAT(server.errorLog(), HasSubstr(script));
    EXPECT_THAT(body("/limits"), HasSubstr("Max open files"));
}

TEST_P(Limits, OfAGroupRefuseMoreProcessesAndChangeWithAReload) {
    needLimits();
    if (IsSkipped()) return;
    start("cgroup_processes = 30");
    EXPECT_THAT(body("/limits"), HasSubstr("Max open files"));
    EXPECT_THAT(body("/many"), HasSubstr("refused"));
    EXPECT_TRUE(server.waitForLog(told("cgroup_processes (30) is reached: ")));
    EXPECT_THAT(server.errorLog(), HasSubstr(" processes not started"));
    server.setup.sites = GetParam().site("cgroup_memory = \"200MiB\"\ncgroup_processes = 100");
    server.writeConfig();
    ASSERT_TRUE(server.reload()) << server.errorLog();
    EXPECT_THAT(body("/many"), HasSubstr("all of them"));
    EXPECT_EQ(contentOf(groupFolder() + "/memory.max"), "209715200\n");
}

TEST_P(Limits, OfAGroupHoldAfterTheSpawnerHasDied) {
    needLimits();
    if (IsSkipped()) return;
    start("cgroup_processes = 30");
    const int spawner = server.number("spawner_pid");
    signalTo(spawner, SIGKILL);
    ASSERT_TRUE(eventually([&] {
        const int now = server.number("spawner_pid");
        return now > 0 && now != spawner;
    }));
    EXPECT_TRUE(eventually([&] { return body("/many").find("refused") != std::string::npos; }));
    EXPECT_THAT(server.errorLog(), Not(HasSubstr("not hold")));
}

/// As after a server that was killed: what it passed on is passed on still, and the next one starts above the
/// leaf.
TEST_P(Limits, OfAGroupHoldWhereAnEarlierServerWasKilled) {
    needLimits();
    if (IsSkipped()) return;
    std::ofstream(groups + "/cgroup.subtree_control") << "+pids";
    ASSERT_EQ(contentOf(groups + "/cgroup.subtree_control"), "pids\n");
    start("cgroup_processes = 30");
    EXPECT_THAT(body("/many"), HasSubstr("refused"));
    EXPECT_THAT(server.errorLog(), Not(HasSubstr("not hold")));
}

/// The kernel lets in whoever enters a group (cgroup-v2.rst, "PID"), as each program does.
class ProgramLimits : public Limits {};
TEST_P(ProgramLimits, OfAGroupStartNoProgramPastThem) {
    needLimits();
    if (IsSkipped()) return;
    start("cgroup_processes = 2");
    const std::string current = groupFolder() + "/pids.current";
    auto slow = std::async(std::launch::async, [this] { return get(server.port(), "/slow.cgi").status; });
    ASSERT_TRUE(eventually([&] { return contentOf(current) == "2\n"; }));
    EXPECT_EQ(get(server.port(), "/limits.cgi").status, 503);
    EXPECT_TRUE(
        server.waitForLog("the programs of site site are as many processes and threads as "
                          "`cgroup_processes` allows (2)"));
    EXPECT_EQ(slow.get(), 200);
    EXPECT_EQ(get(server.port(), "/limits.cgi").status, 200);
}

TEST_P(Limits, OfAGroupAreWarnedOfWhereTheServerMayMakeNone) {
    if (!isRoot()) GTEST_SKIP() << "needs root, to start a server as somebody who may make no group";
    giveToWorkers(server.path());
    server.setup.before_exec = [] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(1);
    };
    ::chmod(server.path().c_str(), 0777);
    start("cgroup_memory = \"300MiB\"");
    EXPECT_THAT(body("/limits"), HasSubstr("Max open files"));
    EXPECT_THAT(server.errorLog(), HasSubstr(told("cgroup_memory does not hold: /")));
}

std::string nameOf(const ::testing::TestParamInfo<How>& one) { return one.param.name; }
INSTANTIATE_TEST_SUITE_P(Everyone, Limits, ::testing::ValuesIn(hows()), nameOf);
INSTANTIATE_TEST_SUITE_P(Programs, ProgramLimits, ::testing::Values(hows().front()), nameOf);

}  // namespace
}  // namespace turnpike::e2e
