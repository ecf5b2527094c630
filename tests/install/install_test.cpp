// `cmake --install` into a folder that nobody knew of at build time: the server there works, and so does a plugin
// that was built against it outside of this tree.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "support/raw_client.h"
#include "support/running_program.h"
#include "support/server_process.h"
#include "support/temp_folder.h"

namespace turnpike {
namespace {

namespace fs = std::filesystem;

std::string slurp(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class Install : public ::testing::Test {
 protected:
    static void SetUpTestSuite() {
        place = new TempFolder;
        ::chmod(place->path().c_str(), 0755);  // the workers of a server started as root are somebody else
        std::string said;
        ASSERT_EQ(
            runProgram("umask 002; " CMAKE_PROGRAM " --install " TURNPIKE_BUILD " --prefix " + prefix() + " 2>&1",
                       &said),
            0)
            << said;
    }
    static void TearDownTestSuite() { delete place; }

    static std::string prefix() { return place->path() + "/prefix"; }
    static std::string program() { return prefix() + "/bin/turnpike"; }
    static std::string config() { return prefix() + "/etc/turnpike/turnpike.toml"; }
    static std::string plugins() { return prefix() + "/" LIBDIR "/turnpike/plugins"; }

    /// What the program prints; its exit status is expected to be 0.
    static std::string run(const std::string& command) {
        std::string said;
        EXPECT_EQ(runProgram(command + " 2>&1", &said), 0) << command << "\n" << said;
        return said;
    }

    /// Builds a project with the other compiler and puts its plugin into the installed tree.
    static void buildIn(const std::string& project) {
        const std::string to = project + "/build";
        run(CMAKE_PROGRAM " -G Ninja -S " + project + " -B " + to + " -DCMAKE_PREFIX_PATH=" + prefix() +
            " -DCMAKE_C_COMPILER=" OTHER_C " -DCMAKE_CXX_COMPILER=" OTHER_CXX " -DCMAKE_C_FLAGS='" OTHER_FLAGS
            "' -DCMAKE_CXX_FLAGS='" OTHER_FLAGS "'");
        run(CMAKE_PROGRAM " --build " + to + " --parallel 2");
        run(CMAKE_PROGRAM " --install " + to);
    }
    /// The same for a copy of examples/NAME.
    static void buildExample(const std::string& name) {
        const std::string project = place->path() + "/" + name;
        fs::copy(TURNPIKE_SOURCE "/examples/" + name, project, fs::copy_options::recursive);
        buildIn(project);
    }

    static std::string replaced(std::string text, const std::string& from, const std::string& to) {
        size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return at == std::string::npos ? text : text.replace(at, from.size(), to);
    }

    /// The installed config on a free port, with more lines in [server] and more routes.
    static uint16_t configure(const std::string& routes) {
        const uint16_t port = freePort();
        static const std::string original = slurp(config());
        const std::string& here = place->path();
        std::string text =
            replaced(original, "listen = [\":8080\"]",
                     "listen = [\"127.0.0.1:" + std::to_string(port) + "\"]\nworkers = 1\nruntime_folder = \"" +
                         here + "/run\"\nspool_folder = \"" + here + "/spool\"");
        text = replaced(text, "# Everything else is a file.", routes);
        std::ofstream(config()) << text;
        return port;
    }

    static inline TempFolder* place = nullptr;
};

TEST_F(Install, HasEverythingWhereItBelongs) {
    for (const char* file : {"bin/turnpike", "etc/turnpike/turnpike.toml", "include/turnpike/sdk/plugin.h",
                             "include/turnpike/sdk/plugin.hpp", "include/turnpike/sdk/services.h",
                             "include/turnpike/sdk/fake_host.hpp", "include/turnpike/sdk/fake/host.hpp",
                             "include/turnpike/sdk/support/ranges.h", "include/turnpike/sdk/gateway/gateway.h",
                             LIBDIR "/libturnpike_sdk_support.a", LIBDIR "/libturnpike_sdk_http.a",
                             LIBDIR "/libturnpike_sdk_gateway.a", LIBDIR "/cmake/Turnpike/TurnpikeConfig.cmake",
                             "share/turnpike/html/index.html", MANDIR "/man1/turnpike.1",
                             MANDIR "/man5/turnpike.toml.5", "share/doc/turnpike/examples/hello/CMakeLists.txt"})
        EXPECT_TRUE(fs::exists(prefix() + "/" + file)) << file;
    EXPECT_NE(run(program() + " calibrate --batches 1").find("\nspawn_dynamic "), std::string::npos)
        << "the empty program is found from the program's folder";
    for (const char* plugin : {"static", "cgi", "fastcgi", "headers", "access", "rewrite", "cache", "proxy"})
        EXPECT_TRUE(fs::exists(plugins() + "/" + plugin + ".so")) << plugin;
    for (const char* part : {"/compress.so", "/php.so", "/php_inline.so", "/turnpike-php"})
        EXPECT_EQ(fs::exists(plugins() + part), fs::exists(std::string(TURNPIKE_BUILD "/plugins") + part)) << part;
    EXPECT_FALSE(fs::exists(plugins() + "/probe.so")) << "what tests use is nobody else's";
}

TEST_F(Install, IsFreeOfTheFolderThatItWasBuiltIn) {
    for (const auto& entry : fs::recursive_directory_iterator(prefix())) {
        if (!entry.is_regular_file()) continue;
        const std::string content = slurp(entry.path());
        const bool has_debug_information = content.starts_with(
                                               "\x7f"
                                               "ELF") ||
                                           content.starts_with("!<arch>");
        EXPECT_TRUE(has_debug_information || content.find(TURNPIKE_BUILD) == std::string::npos) << entry.path();
    }
}

TEST_F(Install, ServesItsFirstSiteWithItsOwnConfigAndPlugins) {
    const uint16_t port = configure("");
    EXPECT_NE(run(program() + " check").find("ok: 1 site"), std::string::npos);
    const std::string list = run(program() + " plugins");
    for (const char* plugin : {"static ", "cgi ", "fastcgi ", "headers ", "access ", "rewrite "})
        EXPECT_NE(list.find(plugin), std::string::npos) << list;
    RunningProgram server({program(), "serve"}, place->path() + "/output.log");
    ASSERT_TRUE(server.waitForPort(port)) << server.output();
    Answer answer = get(port, "/");
    EXPECT_EQ(answer.status, 200) << server.output();
    EXPECT_NE(answer.body.find("Turnpike is installed"), std::string::npos) << answer.body;
}

TEST_F(Install, MeasuresWithWhatItInstalled) {
    const std::string said =
        run(program() + " measure E0 E4 --quick --only aa/1/single --only c-static --blocks 1 --store " +
            place->path() + "/runs.db");
    EXPECT_NE(said.find("\nE0/aa/1/single "), std::string::npos) << said;
    EXPECT_NE(said.find("\nE4/c-static/single "), std::string::npos) << said;
}

TEST_F(Install, LeavesAConfigThatIsThereAsItIs) {
    configure("# mine\n");
    run(CMAKE_PROGRAM " --install " TURNPIKE_BUILD " --prefix " + prefix());
    EXPECT_NE(slurp(config()).find("# mine\n"), std::string::npos);
}

TEST_F(Install, TakesDestdir) {
    const std::string stage = place->path() + "/stage";
    run("DESTDIR=" + stage + " " CMAKE_PROGRAM " --install " TURNPIKE_BUILD " --prefix /opt/turnpike");
    for (const char* file : {"bin/turnpike", "etc/turnpike/turnpike.toml", LIBDIR "/turnpike/plugins/static.so"})
        EXPECT_TRUE(fs::exists(stage + "/opt/turnpike/" + file)) << file;
}

TEST_F(Install, ConfigNamesOnlyKeysThatExist) {
    configure("");
    const std::string all = place->path() + "/prefix/etc/turnpike/all.toml";
    std::ofstream(all) << std::regex_replace(slurp(config()), std::regex("(^|\n)#: (?!workers)"), "$1");
    EXPECT_NE(run(program() + " check -c " + all).find("ok: 1 site"), std::string::npos);
}

TEST_F(Install, TakesPluginsThatAreBuiltAgainstIt) {
    buildExample("hello");
    EXPECT_NE(run(CTEST_PROGRAM " --test-dir " + place->path() + "/hello/build").find("100% tests passed"),
              std::string::npos);
    buildExample("plain_c");
    const uint16_t port = configure(
        "[[site.route]]\nexact = \"/hello\"\nplugin = \"hello\"\ngreeting = \"Good evening\"\n"
        "[[site.route]]\nprefix = \"/c\"\nplugin = \"plain_c\"\n");
    RunningProgram server({program(), "serve"}, place->path() + "/output.log");
    ASSERT_TRUE(server.waitForPort(port)) << server.output();
    EXPECT_EQ(get(port, "/hello").body, "Good evening\n") << server.output();
    EXPECT_EQ(get(port, "/c/a%20b").body, "C says: /c/a b\n") << server.output();
    for (const char* name : {"hello", "plain_c"}) fs::remove(plugins() + "/" + name + ".so");
}

/// Writes each file that docs/writing-a-plugin.md prints, into an empty folder.
void writePrintedFiles(const std::string& folder) {
    fs::create_directory(folder);
    std::istringstream page(slurp(TURNPIKE_SOURCE "/docs/writing-a-plugin.md"));
    const std::string mark = "<!-- file: ";
    std::string line;
    while (std::getline(page, line)) {
        if (!line.starts_with(mark)) continue;
        std::ofstream file(folder + "/" + line.substr(mark.size(), line.find(" -->") - mark.size()));
        std::getline(page, line);  // ```cpp
        while (std::getline(page, line) && line != "```") file << line << "\n";
    }
}

TEST_F(Install, BuildsThePluginOfTheDocumentationAsPrinted) {
    const std::string project = place->path() + "/printed";
    writePrintedFiles(project);
    buildIn(project);
    const std::string source = slurp(project + "/greeter.cpp");
    EXPECT_LE(std::count(source.begin(), source.end(), '\n'), 20);
    EXPECT_NE(run(CTEST_PROGRAM " --test-dir " + project + "/build").find("100% tests passed"), std::string::npos);
    const uint16_t port =
        configure("[[site.route]]\nprefix = \"/hello\"\nplugin = \"greeter\"\ngreeting = \"Good evening\"\n");
    RunningProgram server({program(), "serve"}, place->path() + "/output.log");
    ASSERT_TRUE(server.waitForPort(port)) << server.output();
    EXPECT_EQ(get(port, "/hello").body, "Good evening") << server.output();
    fs::remove(plugins() + "/greeter.so");
}

TEST_F(Install, GivesPluginsTheHelpersOfTheSdk) {
    const std::string project = place->path() + "/helped";
    fs::create_directory(project);
    std::ofstream(project + "/helped.cpp") << R"(#include "sdk/gateway/gateway.h"
#include "sdk/plugin.hpp"
#include "sdk/support/escape.h"
#include "sdk/support/http_date.h"

struct Helped {
    static constexpr const char *name = "helped", *version = "1.0", *summary = "uses the helpers";
    Helped(const tp_host&, tp_setup&) { turnpike::support::appendHtml(text, "<"); }
    struct Worker {
        Worker(Helped&, tp_worker*) {}
    };
    std::string text;
};
TURNPIKE_PLUGIN(Helped)
)";
    std::ofstream(project + "/CMakeLists.txt") << R"(cmake_minimum_required(VERSION 3.25)
project(helped LANGUAGES CXX)
find_package(Turnpike 0.1 REQUIRED)
turnpike_add_plugin(helped SOURCES helped.cpp LINKS Turnpike::support Turnpike::gateway NO_INSTALL)
)";
    run(CMAKE_PROGRAM " -G Ninja -S " + project + " -B " + project + "/build -DCMAKE_PREFIX_PATH=" + prefix() +
        " -DCMAKE_CXX_COMPILER=" OTHER_CXX " -DCMAKE_CXX_FLAGS='" OTHER_FLAGS "'");
    run(CMAKE_PROGRAM " --build " + project + "/build");
    fs::copy_file(project + "/build/helped.so", plugins() + "/helped.so");
    EXPECT_NE(run(program() + " plugins").find("uses the helpers"), std::string::npos);
    fs::remove(plugins() + "/helped.so");
}

}  // namespace
}  // namespace turnpike
