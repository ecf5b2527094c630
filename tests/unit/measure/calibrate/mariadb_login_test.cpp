// The handshake against a server that says what a test wants. That a real MariaDB takes it is seen where one is
// started.
#include "measure/calibrate/mariadb_login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "os/local.h"
#include "support/temp_folder.h"

namespace turnpike::measure {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string packet(const std::string& payload, char sequence) {
    return std::string(1, static_cast<char>(payload.size())) + std::string(2, '\0') + sequence + payload;
}

const std::string kGreeting = std::string("\x0a") + "10.11.4-MariaDB" + std::string(40, '\0');
const std::string kOk = std::string("\0\0\0\x02\0\0\0", 7);

/// Takes one connection and speaks in turn with the client: each of `says` and, after it, whatever the client
/// says.
class Server {
 public:
    explicit Server(std::vector<std::string> says) {
        auto where = os::Address::parse("unix:" + folder_.path() + "/s");
        auto made = os::listen(*where, 1);
        if (!made) return;
        address = *where;
        listener_ = std::move(*made);
        os::setBlocking(listener_.get(), true);
        thread_ = std::thread([this, says = std::move(says)] { serve(says); });
    }
    ~Server() {
        if (thread_.joinable()) thread_.join();
    }
    /// What the client said, one entry for each turn, once it has closed.
    const std::vector<std::string>& heard() {
        thread_.join();
        return heard_;
    }
    os::Address address;

 private:
    void serve(const std::vector<std::string>& says) {
        int fd = ::accept(listener_.get(), nullptr, nullptr);
        for (const std::string& text : says) {
            EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
            char block[1024];
            ssize_t got = ::recv(fd, block, sizeof block, 0);
            heard_.emplace_back(block, static_cast<size_t>(std::max<ssize_t>(got, 0)));
        }
        ::close(fd);
    }

    TempFolder folder_;
    os::Fd listener_;
    std::vector<std::string> heard_;
    std::thread thread_;
};

const std::string kQuit("\x01\0\0\0\x01", 5);

TEST(MariadbLogin, NamesTheUserAndSaysGoodbye) {
    Server server({packet(kGreeting, 0), packet(kOk, 2)});
    auto done = logInAndQuit(server.address, "someone");
    EXPECT_TRUE(done) << done.error().text;
    const auto& heard = server.heard();
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[0], logInPacket("someone"));
    EXPECT_EQ(heard[0][3], 1) << "its sequence follows the greeting's";
    EXPECT_EQ(static_cast<size_t>(heard[0][0]), heard[0].size() - 4);
    EXPECT_THAT(heard[0].substr(4 + 32), StartsWith(std::string("someone\0\0mysql_native_password", 30)));
    EXPECT_EQ(heard[1], kQuit);
}

TEST(MariadbLogin, TakesAnotherWayOfProvingNothing) {
    Server server({packet(kGreeting, 0), packet(std::string("\xfe") + "unix_socket", 2), packet(kOk, 4)});
    auto done = logInAndQuit(server.address, "root");
    EXPECT_TRUE(done) << done.error().text;
    const auto& heard = server.heard();
    ASSERT_EQ(heard.size(), 3u);
    EXPECT_EQ(heard[1], std::string("\0\0\0\x03", 4));
    EXPECT_EQ(heard[2], kQuit);
}

TEST(MariadbLogin, TellsWhatTheServerSays) {
    Server denied({packet(kGreeting, 0), packet("\xff\x15\x04#28000Access denied for user", 2)});
    auto done = logInAndQuit(denied.address, "root");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text, "MariaDB: Access denied for user");
    Server full({packet("\xff\x10\x04Too many connections", 0)});
    done = logInAndQuit(full.address, "root");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text, "MariaDB: Too many connections");
}

TEST(MariadbLogin, DoesNotWaitForWhatNeverComes) {
    Server silent({});
    EXPECT_FALSE(logInAndQuit(silent.address, "root"));
    const std::string way = packet(std::string("\xfe") + "other", 2);
    Server stubborn({packet(kGreeting, 0), way, way, way});
    auto done = logInAndQuit(stubborn.address, "root");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().text, "MariaDB wants a password");
    auto nowhere = os::Address::parse("unix:/nowhere/socket");
    done = logInAndQuit(*nowhere, "root");
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().text, HasSubstr("No such file"));
}

TEST(MariadbLogin, ReadsAnswersOfAnyLength) {
    EXPECT_EQ(logInAnswer(""), LogIn::Refused);
    EXPECT_EQ(logInAnswer(std::string(1, '\0')), LogIn::Accepted);
    EXPECT_EQ(logInAnswer("\xfe"), LogIn::Again);
    EXPECT_EQ(errorText("\xff"), "an answer that is none");
    EXPECT_EQ(errorText("\xff\x01\x02#280"), "");
    EXPECT_EQ(errorText(""), "an answer that is none");
}

}  // namespace
}  // namespace turnpike::measure
