// Plugins that are missing, untrusted or broken, and PHP that is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php_site.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string siteOf(const std::string& plugin) {
    return "[[site]]\nname = \"site\"\nroot = \"FOLDER/public\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"" +
           plugin + "\"\n";
}

class Plugins : public ::testing::Test {
 protected:
    Plugins() {
        server.setup.plugin_folder = server.path("plugins");
        server.setup.sites = siteOf("teller");
        std::filesystem::create_directories(server.path("public"));
        std::filesystem::create_directories(server.path("plugins"));
        ::chmod(server.path("plugins").c_str(), 0755);
        install("teller");
        server.writeConfig();
    }
    void install(const std::string& name, const std::string& folder = TURNPIKE_BUILD "/plugins") {
        std::filesystem::copy(folder + "/" + name + ".so", path(name),
                              std::filesystem::copy_options::overwrite_existing);
        ::chmod(path(name).c_str(), 0755);
    }
    std::string path(const std::string& name) const { return server.path("plugins/" + name + ".so"); }
    std::string failure() {
        EXPECT_EQ(server.startAndFail(), 1);
        return server.output();
    }

    Turnpike server;
};

TEST_F(Plugins, ThatAreMissingAreNamedWithThoseThatAreThere) {
    std::filesystem::rename(path("teller"), path("other"));
    EXPECT_THAT(failure(), AllOf(HasSubstr(server.configPath() + ":"),
                                 HasSubstr("there is no plugin \"teller\" in " + server.path("plugins")),
                                 HasSubstr("there are: other")));
}

TEST_F(Plugins, AreNotTakenFromAFolderThatEverybodyMayWriteTo) {
    ::chmod(server.path("plugins").c_str(), 0777);
    EXPECT_THAT(failure(), HasSubstr("plugins is writable by everybody: chmod o-w"));
}

TEST_F(Plugins, AreNotTakenWhenEverybodyMayWriteToThem) {
    ::chmod(path("teller").c_str(), 0757);
    EXPECT_THAT(failure(), HasSubstr("teller.so is writable by everybody: chmod o-w"));
}

TEST_F(Plugins, ThatAreCutShortAreRefused) {
    for (unsigned size : {100u, 1000u, 5000u}) {
        std::filesystem::resize_file(path("teller"), size);
        EXPECT_THAT(failure(), HasSubstr(path("teller") + " is cut short: copy it there again"));
        install("teller");
    }
}

TEST_F(Plugins, MayBeOverwrittenWhileTheyServe) {
    ASSERT_TRUE(server.start());
    std::ofstream(path("teller")) << "no library any more";
    for (int i = 0; i < 10; ++i) EXPECT_EQ(get(server.port(), "/pid").status, 200);
    std::string output;
    EXPECT_EQ(server.run("reload", &output), 1);
    EXPECT_THAT(output, HasSubstr("is not a shared library"));
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    install("teller");
    EXPECT_EQ(server.run("reload", &output), 0) << output;
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
}

struct Crash {
    std::string plugin, sentence;
};
std::vector<Crash> crashes(const std::string& folder) {
    return {{"crash_load", "plugin crash_load: loading " + folder +
                               "/crash_load.so ended the process that tried it "
                               "out (SIGABRT"},
            {"crash_configure",
             "plugin crash_configure: its configure() ended the process that tried it out (SIGABRT"},
            {"crash_destroy", "plugin crash_destroy: its destroy() ended the process that tried it out (SIGABRT"},
            {"crash_unload", "unloading a plugin ended the process that tried it out (SIGABRT"},
            {"exit", "plugin exit: its configure() ended the process that tried it out (exit status 0)"}};
}
/// The bad one stands between good ones.
std::string siteWith(const std::string& bad) {
    return siteOf("teller") + "[[site.hook]]\nplugin = \"" + bad + "\"\n" +
           "[[site.route]]\nprefix = \"/t\"\nplugin = \"teller\"\n";
}

TEST_F(Plugins, ThatCrashWhenTheyAreTriedOutAreNamed) {
    for (const Crash& crash : crashes(server.path("plugins"))) {
        install(crash.plugin, BAD_PLUGINS);
        server.setup.sites = siteWith(crash.plugin);
        server.writeConfig();
        EXPECT_THAT(failure(), HasSubstr(crash.sentence));
    }
}

TEST_F(Plugins, ThatCrashAtAReloadAreNamedAndTheOldOnesServeOn) {
    ASSERT_TRUE(server.start());
    for (const Crash& crash : crashes(server.path("plugins"))) {
        install(crash.plugin, BAD_PLUGINS);
        server.setup.sites = siteWith(crash.plugin);
        server.writeConfig();
        std::string output;
        EXPECT_EQ(server.run("reload", &output), 1);
        EXPECT_THAT(output, HasSubstr(crash.sentence));
        EXPECT_EQ(get(server.port(), "/pid").status, 200);
    }
}

/// In a mount namespace of its own an empty folder hides every php-fpm from the server.
void hidePhpFpm(const std::string& empty) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        ::_exit(126);
    for (const char* folder : {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin"})
        if (::mount(empty.c_str(), folder, nullptr, MS_BIND, nullptr) != 0) ::_exit(126);
}

bool canHide(const std::string& empty) {
    pid_t pid = ::fork();
    if (pid == 0) {
        hidePhpFpm(empty);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(Plugins, OfPhpSayThatPhpIsMissing) {
    install("fastcgi");
    std::filesystem::create_directory(server.path("empty"));
    if (hasPhpFpm()) {
        if (!isRoot() || !canHide(server.path("empty")))
            GTEST_SKIP() << "php-fpm is installed and cannot be hidden";
        server.setup.before_exec = [this] { hidePhpFpm(server.path("empty")); };
    }
    server.setup.sites = siteOf("fastcgi") + "preset = \"php-fpm\"\n";
    server.writeConfig();
    EXPECT_THAT(failure(),
                AllOf(HasSubstr(server.configPath() + ":"), HasSubstr("php-fpm"), HasSubstr("package")));
}

}  // namespace
}  // namespace turnpike::e2e
