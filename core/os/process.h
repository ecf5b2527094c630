// process.h - starting, ending and waiting for processes. Counted under Class::Spawn.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/privileges.h"

namespace turnpike::os {

/// Resource limits of a program; 0: not set. Core files are always off.
struct ProgramLimits {
    uint64_t cpu_seconds = 0, memory_bytes = 0, file_bytes = 0, open_files = 0, processes = 0;
};

/// A program to start. Everything is borrowed until start() returns. The descriptors must be above 2.
struct Program {
    const char* const* argv = nullptr;  // ends with a null pointer; argv[0] is the path
    const char* const* env = nullptr;   // ends with a null pointer; nothing else is passed
    const char* directory = "/";
    int stdin_fd = -1, stdout_fd = -1, stderr_fd = -1;
    const Identity* identity = nullptr;  // null: the caller's
    ProgramLimits limits;
    int parent_death_signal = 0;  // what it gets when the caller dies
    int group_fd = -1;            // cgroup.procs of the control group that it enters; -1: the caller's
};

struct Started {
    pid_t pid = -1;
    int error = 0;          // errno of the step that failed
    const char* step = "";  // its name
    int group_error = 0;    // errno of entering the control group; the program runs in the caller's then
};

/// Runs `program` in a process group of its own, with descriptors 0, 1 and 2 and no other, umask 027, default
/// signals, no new privileges. It stays in the caller's session: under sched_autogroup a session each would be a
/// scheduling group each, and new programs would starve those that run already (eight at a time on one core: p99
/// 592 ms against 17 ms). The child borrows the caller's memory until it has its own program (vfork), so neither
/// page tables are copied nor a pipe is needed to learn why execve failed. The caller is single-threaded.
Started start(const Program& program);

/// fork(2): 0 in the child.
pid_t fork();
/// waitpid without waiting: a child that has ended and what it used, 0 when none has, -ECHILD when there is none.
struct Ended {
    pid_t pid;
    int status;  // as wait(2) gives it
    uint64_t cpu_us, max_rss_kib;
};
/// `child`: -1 asks for any.
pid_t reap(Ended* ended, pid_t child = -1);
/// The same of one child, waiting until it has ended.
pid_t waitFor(pid_t child, Ended* ended);
/// The CPU time of a process that runs, all its threads, also those that have ended; 0: there is none.
uint64_t cpuNs(pid_t pid);
/// Its own children, where the kernel tells them (CONFIG_PROC_CHILDREN); empty: none, or it does not.
std::vector<pid_t> childrenOf(pid_t pid);
/// Memory that the process shares with no other, as far as its counts tell: what is resident and not of a file or
/// shared. 0: there is none.
uint64_t privateBytes(pid_t pid);
/// Who started the process, or who took it over; -1: there is no such process.
pid_t parentOf(pid_t pid);
int kill(pid_t pid, int signal);
/// Everything in the session that `leader` led, also what has left its group; for a leader that died.
void killSession(pid_t leader);
/// The process group; -ESRCH: nothing is left of it.
int killGroup(pid_t group, int signal);
/// A child that was not reaped yet and the group that start() gave it: a program may leave its group, but not its
/// process id.
int killAll(pid_t leader, int signal);

/// "exit status 3", "SIGSEGV", "SIGABRT (core dumped)".
std::string describeStatus(int status);

/// The caller is killed `grace_ms` after its parent has died: time to finish what it was doing. `parent`: who that
/// is; -ESRCH when it is dead already.
int endWithParent(pid_t parent, uint64_t grace_ms);
/// A process group of its own, so that a Ctrl-C in the terminal reaches the parent alone.
int leaveGroup();
/// A session of its own: neither the caller nor what it starts has a terminal, and only the leader of a session
/// could get one.
int leaveSession();
pid_t ownPid();
pid_t parentPid();
/// So many system calls that do nothing (getppid) with nothing between them: what a bare crossing costs.
void nullCalls(uint64_t count);
/// What the calling thread has used so far, by getrusage(2).
uint64_t threadCpuUs();
/// The soft limit of open files is set to the hard one; returns it. Programs get the old one back.
uint64_t raiseFileLimit();
/// Closes every descriptor above 2 that is not in `keep` (any order; -1 is skipped).
void closeOthers(const int* keep, size_t count);
[[noreturn]] void exitNow(int status);

}  // namespace turnpike::os
