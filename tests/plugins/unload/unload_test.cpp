// After a reload no process of the server holds the plugin of before.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "mappings.h"
#include "support/patience.h"
#include "support/raw_client.h"
#include "support/running_program.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike::testing {
namespace {

constexpr size_t kWorkers = 2;

class PluginReload : public ::testing::Test {
 protected:
    PluginReload() {
        ::chmod(folder.path().c_str(), 0755);  // the workers of a server started as root are somebody else
        std::filesystem::create_directory(folder.path() + "/plugins");
        ::chmod((folder.path() + "/plugins").c_str(), 0755);
        install(GENERATIONS "/1/generation.so", "generation");
        install(TURNPIKE_BUILD "/plugins/hello.so", "hello");
        serve("generation");
    }

    /// As an administrator would: a new file takes the place of the old one.
    void install(const std::string& built, const std::string& name) const {
        const std::string to = folder.path() + "/plugins/" + name + ".so";
        std::filesystem::copy_file(built, to + ".new");
        ::chmod((to + ".new").c_str(), 0644);
        std::filesystem::rename(to + ".new", to);
    }

    void serve(const std::string& plugin) const {
        folder.write("turnpike.toml",
                     "[server]\nlisten = [\"127.0.0.1:" + std::to_string(port) +
                         "\"]\nworkers = " + std::to_string(kWorkers) +
                         "\nplugin_folder = \"plugins\"\nruntime_folder = \"run\"\nspool_folder = \"spool\"\n"
                         "[[site]]\nhosts = [\"*\"]\n[[site.route]]\nplugin = \"" +
                         plugin + "\"\n");
    }

    void reload() const {
        std::string said;
        EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " reload -c " + config() + " 2>&1", &said), 0) << said;
    }

    std::string config() const { return folder.path() + "/turnpike.toml"; }

    TempFolder folder;
    uint16_t port = freePort();
};

/// The master and its children, the workers among them.
std::vector<std::string> processes(pid_t master) {
    const std::string own = std::to_string(master);
    std::vector<std::string> all = {own};
    std::ifstream children("/proc/" + own + "/task/" + own + "/children");
    for (std::string pid; children >> pid;) all.push_back(pid);
    return all;
}

/// The copies of a plugin that any process of the server holds.
std::set<std::string> copies(const RunningProgram& server, const std::string& plugin) {
    std::set<std::string> all;
    for (const std::string& pid : processes(server.pid())) all.merge(copiesOf(plugin, pid));
    return all;
}

bool share(const std::set<std::string>& a, const std::set<std::string>& b) {
    return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
}

/// All workers have loaded their plugins; the port answers when the first one has.
bool isServing(const RunningProgram& server) {
    return eventually([&] { return server.output().find("serves with") != std::string::npos; });
}

TEST_F(PluginReload, LeavesNoProcessWithTheOldPlugin) {
    RunningProgram server({TURNPIKE_PROGRAM, "serve", "-c", config()}, folder.path() + "/output.log");
    ASSERT_TRUE(isServing(server)) << server.output();
    RawClient kept(port);
    kept.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(kept.answer().body, "1\n");
    if (copies(server, "generation").empty())
        GTEST_SKIP() << "/proc/PID/maps of the workers cannot be read here: they are not dumpable";
    EXPECT_TRUE(eventually([&] { return copies(server, "generation").size() == kWorkers; }));
    const std::set<std::string> old = copies(server, "generation");

    install(GENERATIONS "/2/generation.so", "generation");
    reload();
    EXPECT_EQ(get(port, "/a").body, "2\n");
    kept.reset();
    EXPECT_TRUE(eventually([&] { return !share(copies(server, "generation"), old); })) << server.output();
    EXPECT_EQ(copies(server, "generation").size(), kWorkers);

    serve("hello");
    reload();
    EXPECT_EQ(get(port, "/a").body, "Hello\n");
    EXPECT_TRUE(eventually([&] { return copies(server, "generation").empty(); })) << server.output();
    EXPECT_EQ(copies(server, "hello").size(), kWorkers);
}

TEST_F(PluginReload, KeepsTheOldPluginWhenTheNewOneIsRefused) {
    RunningProgram server({TURNPIKE_PROGRAM, "serve", "-c", config()}, folder.path() + "/output.log");
    ASSERT_TRUE(isServing(server)) << server.output();
    ASSERT_EQ(get(port, "/a").body, "1\n");
    const std::string file = folder.path() + "/plugins/generation.so";
    install(GENERATIONS "/2/generation.so", "generation");
    ::chmod(file.c_str(), 0666);
    std::string said;
    EXPECT_EQ(runProgram(TURNPIKE_PROGRAM " reload -c " + config() + " 2>&1", &said), 1);
    EXPECT_NE(said.find(file + " is writable by everybody: chmod o-w"), std::string::npos) << said;
    EXPECT_EQ(get(port, "/a").body, "1\n");
}

}  // namespace
}  // namespace turnpike::testing
