#include "os/process.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <sstream>
#include <string>
#include <vector>

#include "os/call.h"
#include "os/file.h"

namespace turnpike::os {
namespace {
constexpr auto kClass = ledger::Class::Spawn;

/// What the starting child shares with its parent.
struct Launch {
    const Program* program;
    pid_t parent;
    const char* step;
    int error, group_error;
};

bool failed(Launch& launch, const char* step, long result) {
    if (result >= 0) return false;
    launch.step = step;
    launch.error = errno;
    return true;
}

bool setLimit(Launch& launch, int resource, const rlimit& limit, const char* step) {
    return !failed(launch, step, ::syscall(SYS_prlimit64, 0, resource, &limit, nullptr));
}

bool setLimit(Launch& launch, int resource, uint64_t value, const char* step) {
    return setLimit(launch, resource, rlimit{value, value}, step);
}

rlimit files_before{};  // as they were before raiseFileLimit(), hard limit 0: it was not called

/// Programs that close every possible descriptor would take seconds with the server's own high limit.
bool restoreFileLimit(Launch& launch) {
    if (files_before.rlim_max == 0) return true;
    return setLimit(launch, RLIMIT_NOFILE, files_before, "RLIMIT_NOFILE");
}

/// At the hard limit the kernel sends SIGKILL, which tells nobody why; one second before it is SIGXCPU.
rlimit cpuLimit(uint64_t seconds) { return {seconds, seconds + 1}; }

bool setLimits(Launch& launch) {
    const ProgramLimits& l = launch.program->limits;
    if (l.open_files == 0 && !restoreFileLimit(launch)) return false;
    return setLimit(launch, RLIMIT_CORE, 0, "RLIMIT_CORE") &&
           (l.cpu_seconds == 0 || setLimit(launch, RLIMIT_CPU, cpuLimit(l.cpu_seconds), "RLIMIT_CPU")) &&
           (l.memory_bytes == 0 || setLimit(launch, RLIMIT_AS, l.memory_bytes, "RLIMIT_AS")) &&
           (l.file_bytes == 0 || setLimit(launch, RLIMIT_FSIZE, l.file_bytes, "RLIMIT_FSIZE")) &&
           (l.open_files == 0 || setLimit(launch, RLIMIT_NOFILE, l.open_files, "RLIMIT_NOFILE")) &&
           (l.processes == 0 || setLimit(launch, RLIMIT_NPROC, l.processes, "RLIMIT_NPROC"));
}

/// The raw calls: glibc's wrappers would change the threads of the parent, whose memory this is.
bool become(Launch& launch) {
    const Identity* who = launch.program->identity;
    if (who == nullptr) return true;
    return !failed(launch, "setgroups", ::syscall(SYS_setgroups, who->groups.size(), who->groups.data())) &&
           !failed(launch, "setresgid", ::syscall(SYS_setresgid, who->gid, who->gid, who->gid)) &&
           !failed(launch, "setresuid", ::syscall(SYS_setresuid, who->uid, who->uid, who->uid));
}

bool setDescriptors(Launch& launch) {
    const Program& p = *launch.program;
    return !failed(launch, "dup2", ::dup2(p.stdin_fd, 0)) && !failed(launch, "dup2", ::dup2(p.stdout_fd, 1)) &&
           !failed(launch, "dup2", ::dup2(p.stderr_fd, 2)) &&
           !failed(launch, "close_range", ::syscall(SYS_close_range, 3u, ~0u, 0u));
}

/// "0" is whoever writes. First of all, while the descriptor is open and before anything is charged to the
/// program.
void enterGroup(Launch& launch) {
    const int group = launch.program->group_fd;
    if (group >= 0 && ::write(group, "0", 1) < 0) launch.group_error = errno;
}

/// The kernel forgets the death signal when the user changes, so this comes after become().
bool bindToParent(Launch& launch) {
    int signal = launch.program->parent_death_signal;
    if (failed(launch, "no_new_privs", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) return false;
    if (signal == 0) return true;
    if (failed(launch, "pdeathsig", ::prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0))) return false;
    errno = ESRCH;
    return !failed(launch, "getppid", ::getppid() == launch.parent ? 0 : -1);
}

void defaultSignals() {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int s : {SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM})
        ::sigaction(s, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs in the child on a stack of its own, in the parent's memory, while the parent is stopped.
int launchChild(void* arg) {
    auto& launch = *static_cast<Launch*>(arg);
    const Program& p = *launch.program;
    ::umask(027);
    enterGroup(launch);
    if (!failed(launch, "setpgid", ::setpgid(0, 0)) && setDescriptors(launch) && setLimits(launch) &&
        become(launch) && bindToParent(launch) && !failed(launch, "chdir", ::chdir(p.directory))) {
        defaultSignals();
        failed(launch, "execve", ::execve(p.argv[0], const_cast<char**>(p.argv), const_cast<char**>(p.env)));
    }
    ::_exit(127);
}

alignas(64) char launch_stack[64 * 1024];
}  // namespace

Started start(const Program& program) {
    Launch launch{&program, ::getpid(), "", 0, 0};
    auto pid = static_cast<pid_t>(call(kClass, false, [&] {
        return ::clone(launchChild, launch_stack + sizeof launch_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &launch);
    }));
    if (pid < 0) return {-1, -pid, "clone", 0};
    if (launch.error == 0) return {pid, 0, "", launch.group_error};
    int status;
    call(kClass, false, [&] { return ::waitpid(pid, &status, 0); });
    return {-1, launch.error, launch.step, launch.group_error};
}

pid_t fork() {
    return static_cast<pid_t>(call(kClass, false, [] { return ::fork(); }));
}

namespace {
uint64_t cpuUs(const rusage& used) {
    auto micros = [](const timeval& t) {
        return static_cast<uint64_t>(t.tv_sec) * 1'000'000 + static_cast<uint64_t>(t.tv_usec);
    };
    return micros(used.ru_utime) + micros(used.ru_stime);
}

pid_t wait(pid_t child, int options, Ended* ended) {
    rusage used{};
    ended->pid =
        static_cast<pid_t>(call(kClass, false, [&] { return ::wait4(child, &ended->status, options, &used); }));
    ended->cpu_us = cpuUs(used);
    ended->max_rss_kib = static_cast<uint64_t>(used.ru_maxrss);
    return ended->pid;
}
}  // namespace

pid_t reap(Ended* ended, pid_t child) { return wait(child, WNOHANG, ended); }

pid_t waitFor(pid_t child, Ended* ended) { return wait(child, 0, ended); }

uint64_t cpuNs(pid_t pid) {
    // The clock of another process, as clock_getcpuclockid(3) names it: unlike schedstat and stat in /proc it is
    // exact at this very moment and forgets no thread.
    const auto clock = static_cast<clockid_t>((~static_cast<unsigned>(pid) << 3) | 2);
    timespec t{};
    if (call(kClass, false, [&] { return ::clock_gettime(clock, &t); }) < 0) return 0;
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

std::vector<pid_t> childrenOf(pid_t pid) {
    const std::string number = std::to_string(pid);
    auto text = readFile("/proc/" + number + "/task/" + number + "/children");
    std::vector<pid_t> children;
    if (!text) return children;
    std::istringstream words(*text);
    for (pid_t child = 0; words >> child;) children.push_back(child);
    return children;
}

uint64_t privateBytes(pid_t pid) {
    auto text = readFile("/proc/" + std::to_string(pid) + "/statm");
    if (!text) return 0;
    std::istringstream words(*text);
    uint64_t size = 0, resident = 0, shared = 0;
    words >> size >> resident >> shared;
    return resident > shared ? (resident - shared) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

int kill(pid_t pid, int signal) {
    if (pid <= 1) return -EINVAL;  // 0 is the caller's own group, -1 everybody
    return static_cast<int>(call(kClass, false, [&] { return ::kill(pid, signal); }));
}

int killGroup(pid_t group, int signal) {
    if (group <= 1) return -EINVAL;
    return static_cast<int>(call(kClass, false, [&] { return ::kill(-group, signal); }));
}

int killAll(pid_t leader, int signal) {
    int group = killGroup(leader, signal);
    int itself = kill(leader, signal);
    return group == 0 || itself == 0 ? 0 : group;
}

namespace {
struct Kin {
    char state = 'Z';
    int parent = -1, group = -1, session = -1;
};
/// Of /proc/PID/stat: "PID (NAME) STATE PARENT GROUP SESSION ...", where the name may hold anything.
Kin kinOf(std::string_view pid) {
    Kin kin;
    auto text = readFile("/proc/" + std::string(pid) + "/stat");
    size_t end = text ? text->rfind(')') : std::string::npos;
    if (end != std::string::npos)
        std::sscanf(text->c_str() + end + 1, " %c %d %d %d", &kin.state, &kin.parent, &kin.group, &kin.session);
    return kin;
}

/// -1: it has ended.
pid_t sessionOf(std::string_view pid) {
    const Kin kin = kinOf(pid);
    return kin.state == 'Z' ? -1 : kin.session;
}

bool isNumber(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }
}  // namespace

pid_t parentOf(pid_t pid) { return kinOf(std::to_string(pid)).parent; }

/// Again until nothing is left: what is killed may have started others in the meantime.
void killSession(pid_t leader) {
    constexpr int kMostRounds = 10;
    bool found = leader > 1;
    for (int round = 0; found && round < kMostRounds; ++round) {
        found = false;
        Fd folder(open("/proc", O_RDONLY | O_DIRECTORY, 0, kClass), kClass);
        if (!folder) return;
        listDirectory(
            folder.get(),
            [&](std::string_view name) {
                if (!isNumber(name) || sessionOf(name) != leader) return true;
                found = kill(std::stoi(std::string(name)), SIGKILL) == 0 || found;
                return true;
            },
            kClass);
    }
}

std::string describeStatus(int status) {
    if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    int signal = WTERMSIG(status);
    const char* name = ::sigabbrev_np(signal);
    std::string text = name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
    return WCOREDUMP(status) ? text + " (core dumped)" : text;
}

namespace {
itimerval death_grace;
/// setitimer is not on POSIX's list of async-signal-safe functions, on Linux it is a bare system call.
void startDying(int) { ::setitimer(ITIMER_REAL, &death_grace, nullptr); }
}  // namespace

int endWithParent(pid_t parent, uint64_t grace_ms) {
    death_grace.it_value.tv_sec = static_cast<time_t>(grace_ms / 1000);
    death_grace.it_value.tv_usec = static_cast<suseconds_t>(grace_ms % 1000 * 1000 + 1);
    struct sigaction action {};
    action.sa_handler = startDying;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGRTMIN + 1, &action, nullptr);
    ::prctl(PR_SET_PDEATHSIG, SIGRTMIN + 1, 0, 0, 0);
    return ::getppid() == parent ? 0 : -ESRCH;
}

int leaveGroup() {
    return static_cast<int>(call(kClass, false, [] { return ::setpgid(0, 0); }));
}

int leaveSession() {
    return static_cast<int>(call(kClass, false, [] { return ::setsid(); }));
}

pid_t ownPid() {
    return static_cast<pid_t>(call(kClass, false, [] { return ::getpid(); }));
}

pid_t parentPid() {
    return static_cast<pid_t>(call(kClass, false, [] { return ::getppid(); }));
}

void nullCalls(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) ::getppid();
    ledger::countMany(kClass, count);
}

uint64_t threadCpuUs() {
    rusage used{};
    call(kClass, false, [&] { return ::getrusage(RUSAGE_THREAD, &used); });
    return cpuUs(used);
}

uint64_t raiseFileLimit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (files_before.rlim_max == 0) files_before = limit;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

void closeOthers(const int* keep, size_t count) {
    std::vector<int> kept(keep, keep + count);
    std::sort(kept.begin(), kept.end());
    unsigned next = 3;
    for (int fd : kept) {
        if (fd < 3) continue;
        auto stays = static_cast<unsigned>(fd);
        if (stays > next) ::syscall(SYS_close_range, next, stays - 1, 0u);
        next = stays + 1;
    }
    ::syscall(SYS_close_range, next, ~0u, 0u);
}

void exitNow(int status) { ::_exit(status); }

}  // namespace turnpike::os
