// Who may connect to a unix socket that clients connect to: its mode and its group.
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "turnpike.h"

namespace turnpike::e2e {
namespace {

using ::testing::HasSubstr;

Setup setupWith(const std::string& lines) {
    Setup setup;
    setup.server = lines;
    setup.sites = "[[site]]\nroot = \"FOLDER\"\n[[site.route]]\nplugin = \"static\"\n";
    setup.listen = "127.0.0.1:PORT\", \"unix:FOLDER/web.sock";
    return setup;
}

struct stat lookAt(const Turnpike& server) {
    struct stat st {};
    EXPECT_EQ(::lstat(server.path("web.sock").c_str(), &st), 0);
    return st;
}

unsigned modeOf(const Turnpike& server) { return lookAt(server).st_mode & 0777; }

/// The errno of connect() as nobody with that one group; 0: connected. By a child, which has no way back.
int connectAs(gid_t group, const std::string& path) {
    const pid_t child = ::fork();
    if (child == 0) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (::setgroups(0, nullptr) != 0 || ::setgid(group) != 0 || ::setuid(65534) != 0) ::_exit(255);
        const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::_exit(connected ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(UnixListener, IsForItsOwnerAndGroupUnlessTheConfigSaysOtherwise) {
    Turnpike server(setupWith(""));
    ASSERT_TRUE(server.start()) << server.output();
    EXPECT_EQ(modeOf(server), 0660u);
    EXPECT_EQ(lookAt(server).st_gid, ::getegid());
}

TEST(UnixListener, ChangesItsModeWithAReloadAndStaysTheSameSocket) {
    Turnpike server(setupWith("listen_mode = \"666\""));
    ASSERT_TRUE(server.start()) << server.output();
    EXPECT_EQ(modeOf(server), 0666u);
    const ino_t before = lookAt(server).st_ino;
    server.setup.server = "listen_mode = \"0600\"";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(modeOf(server), 0600u);
    EXPECT_EQ(lookAt(server).st_ino, before);
}

TEST(UnixListener, KeepsItsModeWhenAReloadFails) {
    Turnpike server(setupWith("listen_mode = \"0666\""));
    ASSERT_TRUE(server.start()) << server.output();
    Turnpike other(setupWith(""));
    ASSERT_TRUE(other.start()) << other.output();
    server.setup.server = "listen_mode = \"0600\"";
    server.setup.listen += "\", \"127.0.0.1:" + std::to_string(other.port());
    server.writeConfig();
    std::string output;
    EXPECT_NE(server.run("reload", &output), 0);
    EXPECT_THAT(output, HasSubstr("another program listens there already"));
    EXPECT_EQ(modeOf(server), 0666u);
}

TEST(UnixListener, LetsThoseOfItsGroupInAndNobodyElse) {
    if (!isRoot()) GTEST_SKIP() << "to be somebody else one must be root";
    const gid_t proxies = ::getgrnam("sys")->gr_gid, others = ::getgrnam("games")->gr_gid;
    Turnpike server(setupWith("listen_group = \"sys\""));
    ASSERT_TRUE(server.start()) << server.output();
    ASSERT_EQ(::chmod(server.path().c_str(), 0711), 0);
    EXPECT_EQ(connectAs(proxies, server.path("web.sock")), 0);
    EXPECT_EQ(connectAs(others, server.path("web.sock")), EACCES);
    server.setup.server = "listen_mode = \"0666\"";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(lookAt(server).st_gid, ::getegid()) << "the group is taken back with its line";
    EXPECT_EQ(connectAs(others, server.path("web.sock")), 0);
}

/// Root gives nothing away that somebody has put in the socket's place.
TEST(UnixListener, GivesNothingElseAwayThatLiesInItsPlace) {
    Turnpike server(setupWith(""));
    ASSERT_TRUE(server.start()) << server.output();
    server.folder().write("secret", "x");
    ASSERT_EQ(::chmod(server.path("secret").c_str(), 0600), 0);
    ASSERT_EQ(::unlink(server.path("web.sock").c_str()), 0);
    ASSERT_EQ(::symlink(server.path("secret").c_str(), server.path("web.sock").c_str()), 0);
    server.setup.server = "listen_mode = \"0666\"";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_TRUE(server.waitForLog("listen_mode or listen_group on unix:" + server.path("web.sock") +
                                  " cannot be set: Socket operation on non-socket"));
    struct stat st {};
    ASSERT_EQ(::stat(server.path("secret").c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST(UnixListener, IsNotOpenedForAGroupThatTheServerMayNotGiveItTo) {
    gid_t groups[256];
    const int count = ::getgroups(256, groups);
    if (isRoot() || ::getegid() == 0 || std::count(groups, groups + std::max(count, 0), 0u) > 0)
        GTEST_SKIP() << "this user may give a file to the group";
    Turnpike server(setupWith("listen_group = \"root\""));
    server.writeConfig();
    EXPECT_EQ(server.startAndFail(), 1);
    EXPECT_THAT(server.output(), HasSubstr("[server] listen_group: who starts Turnpike is not in the group root"));
    struct stat st {};
    EXPECT_EQ(::lstat(server.path("web.sock").c_str(), &st), -1);
}

struct Refusal {
    const char* lines;
    const char* reason;
};

class UnixListenerRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(UnixListenerRefusal, IsToldOfTheKeyAndWhatIsWrong) {
    Turnpike server(setupWith(GetParam().lines));
    server.writeConfig();
    EXPECT_NE(server.startAndFail(), 0);
    EXPECT_THAT(server.output(), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    , UnixListenerRefusal,
    ::testing::Values(Refusal{"listen_mode = \"0888\"", "\"0888\" is no mode such as \"0660\""},
                      Refusal{"listen_mode = \"1777\"", "\"1777\" is no mode such as \"0660\""},
                      Refusal{"listen_mode = \"\"", "\"\" is no mode such as \"0660\""},
                      Refusal{"listen_mode = 660", "listen_mode"},
                      Refusal{"listen_group = \"there-is-none\"", "there-is-none"},
                      Refusal{"listen_mode = \"0666\"\ntrusted_proxies = [\"unix\"]",
                              "lets everybody on this machine connect, whom `trusted_proxies` believes then"}));

}  // namespace
}  // namespace turnpike::e2e
