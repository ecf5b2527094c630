// What keeps a server from starting, and what it says then.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kSite = "[[site]]\nname = \"site\"\n[[site.route]]\nprefix = \"/\"\nplugin = \"teller\"\n";

class Start : public ::testing::Test {
 protected:
    Start() {
        server.setup.sites = kSite;
        server.writeConfig();
    }
    /// It ends by itself, with status 1, and leaves nothing that runs.
    std::string failure() {
        EXPECT_EQ(server.startAndFail(), 1);
        return server.output();
    }
    /// An unprivileged server, where this test is root; root may do what others may not.
    void asOrdinaryUser() {
        if (!isRoot()) return;
        giveToWorkers(server.path());
        server.setup.before_exec = [] {
            if (::setgid(33) != 0 || ::setuid(33) != 0) ::_exit(127);
        };
    }

    Turnpike server;
};

TEST_F(Start, NamesAConfigThatIsMissing) {
    std::filesystem::remove(server.configPath());
    EXPECT_THAT(failure(), AllOf(HasSubstr(server.configPath()), HasSubstr("No such file or directory")));
}

TEST_F(Start, NamesAConfigThatItMayNotRead) {
    asOrdinaryUser();
    ::chmod(server.configPath().c_str(), 0);
    EXPECT_THAT(failure(), AllOf(HasSubstr(server.configPath()), HasSubstr("Permission denied")));
}

TEST_F(Start, NamesAConfigThatIsAFolder) {
    std::filesystem::remove(server.configPath());
    std::filesystem::create_directory(server.configPath());
    EXPECT_THAT(failure(), HasSubstr(server.configPath()));
}

TEST_F(Start, ShowsWhereTheConfigIsWrong) {
    struct Case {
        std::string text, where, said;
    } cases[] = {
        {"[server]\nworkers = = 2\n", ":2:11: ", ""},
        {"[server]\nlisten = [\"127.0.0.1:80\"\n[limits]\n", ":3:", ""},
        {"[server]\n  worker = 2\n", ":2:3: ", "did you mean \"workers\"?"},
        {"[servers]\nworkers = 2\n", ":1:2: ", "unknown section \"servers\" - did you mean \"server\"?"},
        {"[[sites]]\nname = \"a\"\n", ":1:", "unknown section \"sites\" - did you mean \"site\"?"},
        {"[[site]]\n[[site.rout]]\n", ":2:", "unknown section \"rout\" - did you mean \"route\"?"},
        {"[[site]]\n[site.error_page]\n404 = \"/x\"\n", ":2:", "did you mean \"error_pages\"?"},
        {"[server]\nworkers = \"two\"\n", ":2:", "workers"},
        {"[limits]\ndrain = \"30 parsecs\"\n", ":2:", "drain"},
        {"[server]\nlog_level = \"inf\"\n", ":2:", "info"},
        {"[server]\nlisten = [\"localhost\"]\n", ":2:", "localhost"},
    };
    for (const Case& c : cases) {
        server.writeConfigText(c.text);
        std::string output;
        EXPECT_EQ(server.run("check", &output), 1) << c.text;
        EXPECT_THAT(output, AllOf(HasSubstr(server.configPath() + c.where), HasSubstr(c.said)));
        EXPECT_EQ(server.startAndFail(), 1) << c.text;
        EXPECT_THAT(server.output(), AllOf(HasSubstr(server.configPath() + c.where), HasSubstr(c.said)));
    }
}

TEST_F(Start, SaysWhichAddressAnotherProgramHolds) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(fd, 16), 0);
    EXPECT_THAT(failure(), AllOf(HasSubstr("listen"), HasSubstr("127.0.0.1:" + std::to_string(server.port())),
                                 HasSubstr("another program listens there already")));
    ::close(fd);
    // It left nothing behind that would keep it from starting now.
    EXPECT_TRUE(server.start());
}

TEST_F(Start, SaysThatAnAddressIsNotOfThisMachine) {
    server.setup.listen = "192.0.2.1:PORT";
    server.writeConfig();
    EXPECT_THAT(failure(), AllOf(HasSubstr("192.0.2.1:" + std::to_string(server.port())),
                                 HasSubstr("no address of this machine")));
}

TEST_F(Start, SaysThatAPortNeedsRights) {
    asOrdinaryUser();
    std::ifstream limit("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    int first = 0;
    if (!(limit >> first) || first <= 80) GTEST_SKIP() << "here every user may listen on port 80";
    server.setup.listen = "127.0.0.1:80";
    server.writeConfig();
    EXPECT_THAT(failure(), AllOf(HasSubstr("127.0.0.1:80"), HasSubstr("Permission denied")));
}

TEST_F(Start, RefusesARuntimeFolderOfSomebodyElse) {
    if (!isRoot()) GTEST_SKIP() << "only root can make a folder of another user";
    std::filesystem::create_directory(server.path("run"));
    giveToWorkers(server.path("run"));
    EXPECT_THAT(failure(), AllOf(HasSubstr(server.path("run")), HasSubstr("belongs to somebody else")));
}

TEST_F(Start, RefusesToRunTwiceAndLeavesTheFirstAlone) {
    ASSERT_TRUE(server.start());
    std::string output;
    EXPECT_EQ(server.run("serve", &output), 1);
    EXPECT_THAT(output, HasSubstr("another turnpike serves already"));
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    EXPECT_EQ(server.number("pid"), server.pid());
}

TEST_F(Start, TakesOverFromAServerThatWasKilled) {
    ASSERT_TRUE(server.start());
    const auto processes = descendants(server.pid());
    server.signal(SIGKILL);
    EXPECT_EQ(server.waitForEnd(), 128 + SIGKILL);
    for (pid_t pid : processes) EXPECT_TRUE(eventually([&] { return !isAlive(pid); }));
    ASSERT_TRUE(server.start()) << "the old pid file and control socket are in nobody's way";
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
}

/// The spawner is told of each backend in one message.
TEST_F(Start, RefusesABackendThatIsTooLargeToBeToldOf) {
    server.setup.sites +=
        "[[site.route]]\nprefix = \"/app/\"\nplugin = \"fastcgi\"\ncommand = [\"/bin/sleep\", \"" +
        std::string(140'000, '9') + "\"]\n";
    server.writeConfig();
    EXPECT_THAT(failure(), AllOf(HasSubstr("its command, environment and config are larger than 128 KiB"),
                                 HasSubstr("backend site-sleep: ")));
}

TEST_F(Start, RefusesAUserThatDoesNotExistAndRoot) {
    if (!isRoot()) GTEST_SKIP() << "needs root";
    server.setup.server = "user = \"nobody-of-that-name\"\n";
    server.writeConfig();
    EXPECT_THAT(failure(), HasSubstr("nobody-of-that-name"));
    server.setup.server = "user = \"root\"\n";
    server.writeConfig();
    EXPECT_THAT(failure(), HasSubstr("may not run as root"));
}

}  // namespace
}  // namespace turnpike::e2e
