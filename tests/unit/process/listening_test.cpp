// Who may connect to a unix socket while one generation follows another.
#include "process/listening.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_folder.h"

namespace turnpike::process {
namespace {

class ListeningTest : public ::testing::Test {
 protected:
    std::shared_ptr<ListeningSocket> open(const Permission& permission) {
        auto opened = sockets_.open({"unix:" + path()}, 16, permission);
        if (!opened) ADD_FAILURE() << opened.error().text;
        return opened ? opened->front() : nullptr;
    }
    std::string path() const { return folder_.path() + "/web.sock"; }
    unsigned mode() const {
        struct stat st {};
        EXPECT_EQ(::lstat(path().c_str(), &st), 0);
        return st.st_mode & 0777;
    }
    const gid_t own_ = ::getegid();

 private:
    TempFolder folder_;
    ListeningSockets sockets_;
};

TEST_F(ListeningTest, LetsInWhomBothGenerationsDoUntilTheNextOneServesAlone) {
    auto before = open({0666, own_});
    EXPECT_EQ(mode(), 0666u);
    auto next = open({0640, own_});
    EXPECT_EQ(next, before);
    EXPECT_EQ(mode(), 0640u);
    EXPECT_EQ(next->permit({0640, own_}), 0);
    open({0666, own_});
    EXPECT_EQ(mode(), 0640u) << "nobody more before permit()";
    EXPECT_EQ(next->permit({0666, own_}), 0);
    EXPECT_EQ(mode(), 0666u);
}

TEST_F(ListeningTest, LetsInNoGroupWhileItChanges) {
    auto socket = open({0660, own_});
    open({0660, own_ + 1});
    EXPECT_EQ(mode(), 0600u);
    EXPECT_EQ(socket->permit({0660, own_}), 0);
    EXPECT_EQ(mode(), 0660u) << "that reload failed";
}

TEST_F(ListeningTest, RemovesItsFileWithTheLastGeneration) {
    auto socket = open({0600, own_});
    socket.reset();
    EXPECT_NE(::access(path().c_str(), F_OK), 0);
}

}  // namespace
}  // namespace turnpike::process
