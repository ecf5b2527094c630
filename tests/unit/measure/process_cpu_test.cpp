#include "measure/process_cpu.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

namespace turnpike::measure {
namespace {

void burn(uint64_t ns) {
    timespec t;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec) < ns);
}

/// Ends when the other end of `pipe_fd` closes.
void waitForEnd(int pipe_fd) {
    char byte;
    while (::read(pipe_fd, &byte, 1) > 0) continue;
}

TEST(ProcessCpu, CountsChildrenAliveAndEnded) {
    int hold[2], ready[2];
    ASSERT_EQ(::pipe(hold), 0);
    ASSERT_EQ(::pipe(ready), 0);
    pid_t root = ::fork();
    if (root == 0) {
        ::close(hold[1]);
        if (pid_t ended = ::fork(); ended == 0) {
            burn(60'000'000);
            ::_exit(0);
        } else {
            ::waitpid(ended, nullptr, 0);
        }
        if (::fork() == 0) burn(60'000'000);
        (void)!::write(ready[1], "x", 1);
        waitForEnd(hold[0]);
        ::_exit(0);
    }
    ::close(hold[0]);
    char bytes[2];
    ASSERT_EQ(::read(ready[0], bytes, 1), 1);
    ASSERT_EQ(::read(ready[0], bytes, 1), 1);
    auto all = listProcesses();
    ASSERT_TRUE(all);
    uint64_t ns = treeNs(*all, root);
    ::close(hold[1]);
    ::waitpid(root, nullptr, 0);
    EXPECT_GE(ns, 110'000'000u);  // 2 * 60 ms, one of them known to 10 ms
    EXPECT_LT(ns, 1'000'000'000u);
}

TEST(ProcessCpu, TellsEngineFromBackendByTheTree) {
    const std::vector<Process> all = {
        {1, 0, 1'000'000, 5}, {10, 1, 100, 7},  // master
        {11, 10, 200, 0},                       // worker
        {12, 10, 300, 40},                      // spawner: the ended children are CGI programs, told by the status
        {20, 12, 1000, 2},                      // a supervised backend
        {21, 20, 5000, 0},                      // and its child
        {30, 1, 999, 999},                      // somebody else
    };
    ServerCpu cpu = splitServer(all, 10);
    EXPECT_EQ(cpu.engine_ns, 600u);
    EXPECT_EQ(cpu.backend_ns, 1002u + 5000u);
}

}  // namespace
}  // namespace turnpike::measure
