// What systemd hands over and wants to hear.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "processes.h"
#include "support/raw_client.h"
#include "turnpike.h"

namespace turnpike::e2e {
namespace {
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSite = R"(
[[site]]
name = "site"
[[site.route]]
prefix = "/"
plugin = "teller"
)";

/// The socket on which a service manager listens to its services.
class Manager {
 public:
    explicit Manager(const std::string& path) : path_(path), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    ~Manager() { ::close(fd_); }

    const std::string& path() const { return path_; }
    /// The next message; empty: none came within ten seconds.
    std::string next() const {
        pollfd waiting{fd_, POLLIN, 0};
        char text[4096];
        if (::poll(&waiting, 1, 10'000) <= 0) return "";
        ssize_t size = ::recv(fd_, text, sizeof text, 0);
        return {text, static_cast<size_t>(std::max<ssize_t>(size, 0))};
    }

 private:
    std::string path_;
    int fd_;
};

int listeningSocket(uint16_t port) {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(fd, 16), 0);
    return fd;
}

class Systemd : public ::testing::Test {
 protected:
    Systemd() { server.setup.sites = kSite; }
    Turnpike server;
};

TEST_F(Systemd, HearsOfStartReloadFailureAndStop) {
    Manager manager(server.path("notify"));
    server.setup.before_exec = [&] { ::setenv("NOTIFY_SOCKET", manager.path().c_str(), 1); };
    ASSERT_TRUE(server.start());
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=generation 1 serves with 2 workers");
    server.signal(SIGHUP);
    EXPECT_THAT(manager.next(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
    EXPECT_EQ(manager.next(), "READY=1\nSTATUS=generation 2 serves with 2 workers");
    server.writeConfigText("nonsense");
    server.signal(SIGHUP);
    EXPECT_THAT(manager.next(), StartsWith("RELOADING=1\n"));
    EXPECT_THAT(manager.next(), StartsWith("READY=1\nSTATUS=reload failed, generation 2 serves with 2 workers: " +
                                           server.configPath() + ":1:"));
    server.signal(SIGTERM);
    EXPECT_THAT(manager.next(), StartsWith("STOPPING=1\n"));
    EXPECT_EQ(server.waitForEnd(), 0);
}

TEST_F(Systemd, HandsOverListeningSockets) {
    int socket = listeningSocket(server.port());
    server.setup.before_exec = [socket] {
        ::dup2(socket, 3);  // dup2 leaves close-on-exec out, unless it has nothing to do
        if (socket == 3) ::fcntl(3, F_SETFD, 0);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
    };
    ASSERT_TRUE(server.start());
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    ASSERT_EQ(server.stop(), 0);
    // The socket is systemd's: who connects now waits in its queue for the next start.
    RawClient early(server.port());
    ASSERT_TRUE(early.isConnected());
    ASSERT_TRUE(early.send("GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    ASSERT_TRUE(server.start());
    EXPECT_EQ(early.answer().status, 200);
    EXPECT_EQ(server.stop(), 0);
    ::close(socket);
}

int deferAccept(int socket) {
    int seconds = -1;
    socklen_t size = sizeof seconds;
    ::getsockopt(socket, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, &size);
    return seconds;
}

/// The option is the socket's, so it is seen from here, too.
TEST_F(Systemd, DefersAcceptOnItsSocketsAsTheConfigThatServesSays) {
    int socket = listeningSocket(server.port());
    server.setup.before_exec = [socket] {
        ::dup2(socket, 3);
        if (socket == 3) ::fcntl(3, F_SETFD, 0);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
    };
    ASSERT_EQ(deferAccept(socket), 0);
    server.setup.server = "defer_accept = \"3s\"";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(deferAccept(socket), 3);
    EXPECT_EQ(get(server.port(), "/pid").status, 200);
    server.setup.server = "defer_accept = \"1s\"\nnonsense = 1";
    server.writeConfig();
    server.signal(SIGHUP);
    ASSERT_TRUE(server.waitForLog("reload failed"));
    EXPECT_EQ(deferAccept(socket), 3);
    server.setup.server = "defer_accept = \"0s\"";
    server.writeConfig();
    ASSERT_TRUE(server.reload());
    EXPECT_EQ(deferAccept(socket), 0);
    EXPECT_EQ(server.stop(), 0);
    ::close(socket);
}

TEST_F(Systemd, LeavesTheManagersOwnDeferringAlone) {
    int socket = listeningSocket(server.port()), seconds = 7;
    ASSERT_EQ(::setsockopt(socket, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds), 0);
    server.setup.before_exec = [socket] {
        ::dup2(socket, 3);
        if (socket == 3) ::fcntl(3, F_SETFD, 0);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
    };
    server.setup.server = "defer_accept = \"0s\"";
    ASSERT_TRUE(server.start());
    EXPECT_EQ(deferAccept(socket), 7);
    EXPECT_EQ(server.stop(), 0);
    ::close(socket);
}

int listeningSocket(const std::string& path, mode_t mode) {
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(::listen(fd, 16), 0);
    return fd;
}

/// SocketMode= is 0666 unless the unit has another; its file is the manager's and stays as it is.
TEST_F(Systemd, IsToldWhenEverybodyMayBeATrustedProxy) {
    const char* warning = "\"unix\" is everybody on this machine, who may connect to unix:";
    for (const mode_t mode : {0666u, 0660u}) {
        Turnpike one;
        const std::string path = one.path("systemd.sock");
        int socket = listeningSocket(path, mode);
        one.setup.sites = kSite;
        one.setup.listen = "127.0.0.1:PORT\", \"unix:" + path;
        one.setup.server = "trusted_proxies = [\"unix\"]\nlisten_mode = \"0600\"";
        one.setup.before_exec = [socket] {
            ::dup2(socket, 3);
            if (socket == 3) ::fcntl(3, F_SETFD, 0);
            ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
            ::setenv("LISTEN_FDS", "1", 1);
        };
        ASSERT_TRUE(one.start());
        ASSERT_TRUE(one.waitForLog("generation 1 serves"));
        EXPECT_EQ(one.errorLog().find(warning) != std::string::npos, mode == 0666) << one.errorLog();
        EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(mode));
        ::close(socket);
    }
}

TEST_F(Systemd, MeansAnotherProcessWithItsSockets) {
    int socket = listeningSocket(server.port());
    server.writeConfig();
    server.setup.before_exec = [socket] {
        ::dup2(socket, 3);
        ::setenv("LISTEN_PID", "1", 1);
        ::setenv("LISTEN_FDS", "1", 1);
    };
    EXPECT_EQ(server.startAndFail(), 1) << "the address is not free, and the socket was meant for process 1";
    EXPECT_THAT(server.output(), HasSubstr("127.0.0.1:" + std::to_string(server.port())));
    ::close(socket);
}

}  // namespace
}  // namespace turnpike::e2e
