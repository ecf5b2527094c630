#include "trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outside_count.h"

namespace turnpike::truth {
namespace {

using ledger::Class;
using testing::ElementsAre;

constexpr const char* kListener = "6<TCP:[127.0.0.1:80]>";

class Outside : public testing::Test {
 protected:
    Count of(const std::string& lines) {
        Trace trace;
        trace.feed(lines);
        EXPECT_TRUE(trace.unread().empty());
        OutsideCount counter(80, {"/x/access.log"});
        Count count;
        for (const Call& call : trace.calls()) counter.add(call, count);
        return count;
    }
    static tp_crossing in(const Count& count, Class c) { return count.account.of[static_cast<size_t>(c)]; }
};

TEST(Trace, ReadsADescriptorWithWhatItIs) {
    std::string what;
    EXPECT_EQ(readDescriptor("44<UNIX:[1->2]>, {}", &what), 44);
    EXPECT_EQ(what, "UNIX:[1->2]");
    EXPECT_EQ(readDescriptor("3, 4", &what), -1);
    EXPECT_EQ(readDescriptor("AT_FDCWD</tmp>", &what), -1);
}

TEST(Trace, ReadsResultsAndErrors) {
    Trace trace;
    trace.feed("7  pread64(4</a>, \"\"..., 3, 0) = 3\n7  close(9)   = -1 EBADF (Bad file descriptor)\n");
    ASSERT_EQ(trace.calls().size(), 2u);
    EXPECT_EQ(trace.calls()[0].name, "pread64");
    EXPECT_EQ(trace.calls()[0].fd, 4);
    EXPECT_EQ(trace.calls()[0].fd_text, "/a");
    EXPECT_EQ(trace.calls()[0].result, 3);
    EXPECT_EQ(trace.calls()[1].error, "EBADF");
}

TEST(Trace, TakesLinesInPieces) {
    Trace trace;
    for (char c : std::string("7  close(4</a>) = 0\n7  epoll_wait(3<anon_inode:[eventpoll]>, "))
        trace.feed({&c, 1});
    EXPECT_EQ(trace.calls().size(), 1u);
    EXPECT_TRUE(trace.isWaiting());
    trace.feed("[], 128, 5) = 0\n");
    EXPECT_FALSE(trace.isWaiting());
    EXPECT_EQ(trace.calls().size(), 2u);
}

TEST(Trace, JoinsWhatAnotherThreadInterrupted) {
    Trace trace;
    trace.feed("7  read(4</a>,  <unfinished ...>\n8  close(5</b>) = 0\n7  <... read resumed>\"\"..., 9) = 9\n");
    ASSERT_EQ(trace.calls().size(), 2u);
    EXPECT_EQ(trace.calls()[1].name, "read");
    EXPECT_EQ(trace.calls()[1].fd, 4);
    EXPECT_EQ(trace.calls()[1].result, 9);
}

TEST(Trace, LeavesOutWhatIsNoCall) {
    Trace trace;
    trace.feed(
        "7  --- SIGTERM {si_signo=SIGTERM} ---\n7  +++ exited with 0 +++\n7  read(3</a>,  <detached ...>\n");
    trace.feed("7  epoll_wait(3<anon_inode:[eventpoll]>, 0x1, 9, 1) = ? ERESTARTNOINTR (To be restarted)\n");
    EXPECT_TRUE(trace.calls().empty());
    EXPECT_TRUE(trace.unread().empty());
    trace.feed("what is this\n");
    EXPECT_EQ(trace.unread().size(), 1u);
}

TEST_F(Outside, FollowsADescriptorFromWhatMadeIt) {
    Count count = of(std::string("7  accept4(") + kListener +
                     ", 0x1, [128], SOCK_CLOEXEC) = 9<TCP:[127.0.0.1:80->127.0.0.1:5]>\n"
                     "7  recvfrom(9<TCP:[127.0.0.1:80->127.0.0.1:5]>, \"\"..., 8192, 0, NULL, NULL) = 84\n"
                     "7  close(9<TCP:[127.0.0.1:80->127.0.0.1:5]>) = 0\n"
                     "7  socket(AF_UNIX, SOCK_STREAM, 0) = 9<UNIX:[77]>\n"
                     "7  connect(9<UNIX:[77]>, {sa_family=AF_UNIX}, 20) = 0\n"
                     "7  writev(9<UNIX:[77]>, [{iov_base=\"\"..., iov_len=7}], 1) = 7\n");
    EXPECT_EQ(in(count, Class::Listen).calls, 1u);
    EXPECT_EQ(in(count, Class::Client).calls, 2u);
    EXPECT_EQ(in(count, Class::Client).bytes, 84u);
    EXPECT_EQ(in(count, Class::Backend).calls, 3u);
    EXPECT_EQ(in(count, Class::Backend).bytes, 7u);
    EXPECT_TRUE(count.unexplained.empty());
}

TEST_F(Outside, TellsTheSpawnersChannelFromTheMasters) {
    Count count =
        of("7  recvmsg(8<UNIX:[1->2]>, {msg_iov=[{iov_base=\"\"..., iov_len=1}]}, 0) = 1\n"
           "7  sendmsg(9<UNIX:[3->4]>, {msg_control=[{cmsg_type=SCM_RIGHTS}]}, MSG_NOSIGNAL) = 300\n"
           "7  recvmmsg(9<UNIX:[3->4]>, [{msg_len=40}, {msg_len=2}], 16, MSG_DONTWAIT, NULL) = 2\n"
           "7  sendmsg(9<UNIX:[3->4]>, {msg_iov=[]}, MSG_NOSIGNAL) = 30\n");
    EXPECT_EQ(in(count, Class::Event).calls, 1u);
    EXPECT_EQ(in(count, Class::Spawn).calls, 3u);
    EXPECT_EQ(in(count, Class::Spawn).bytes, 372u);
}

TEST_F(Outside, SharesAWaitAmongThoseItServed) {
    Count count = of(std::string("7  accept4(") + kListener +
                     ", 0x1, [128], SOCK_CLOEXEC) = 9<TCP:[127.0.0.1:80->127.0.0.1:5]>\n"
                     "7  epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 9<TCP:[127.0.0.1:80->127.0.0.1:5]>, "
                     "{events=EPOLLIN, data={u32=1, u64=111}}) = 0\n"
                     "7  epoll_wait(3<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=1, u64=111}}, "
                     "{events=EPOLLIN, data={u32=2, u64=222}}], 128, -1) = 2\n");
    EXPECT_EQ(in(count, Class::Event).calls, 2u);
    EXPECT_EQ(count.account.event_milli, 500u);
}

TEST_F(Outside, SeparatesLogsFromFiles) {
    Count count = of(
        "7  write(5</x/access.log>, \"\"..., 10) = 10\n7  openat(AT_FDCWD, \"/x/access.log\", O_WRONLY) = "
        "6</x/access.log>\n"
        "7  pread64(7</x/a>, \"\"..., 3, 0) = 3\n7  openat2(5</x>, \"b\", {}, 24) = -1 ENOENT (No such file)\n");
    EXPECT_EQ(in(count, Class::Log).calls, 2u);
    EXPECT_EQ(in(count, Class::Log).bytes, 10u);
    EXPECT_EQ(in(count, Class::File).calls, 2u);
    EXPECT_EQ(in(count, Class::File).errors, 1u);
}

TEST_F(Outside, ExplainsOnlyLibcsOwnCalls) {
    EXPECT_TRUE(of("7  brk(NULL) = 0x1000\n7  futex(0x1, FUTEX_WAKE, 1) = 0\n").unexplained.empty());
    EXPECT_THAT(of("7  getpid() = 7\n").unexplained, ElementsAre("getpid() = 7"));
    EXPECT_THAT(of("7  newfstatat(AT_FDCWD, \"/etc/localtime\", {}, 0) = 0\n").unexplained.size(), 1u);
}

}  // namespace
}  // namespace turnpike::truth
