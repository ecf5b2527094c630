// process.hpp - the fake host's turnpike.process/1: real children by fork and exec, in a process group of their
// own, with nothing open but 0, 1 and 2. Their ends come through the loop.
#pragma once
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../services.h"
#include "check.hpp"
#include "loop.hpp"
#include "setup.hpp"

namespace turnpike::fake {

class Processes {
 public:
    explicit Processes(Loop& loop) : current_(this), loop_(loop) {}

    /// The next spawn() returns NULL with this errno, as when the spawner is gone.
    int refuse_next = 0;
    /// The next child cannot be started, with this errno.
    int fail_next = 0;
    /// How many children were started, and how many have not ended.
    unsigned started() const { return started_; }
    size_t running() const { return children_.size(); }
    /// Ends what is left, with its process group.
    void killAll() {
        for (auto& [child, owned] : children_) ::kill(-child->pid, SIGKILL);
    }

    static const tp_process* table() {
        static const tp_process functions = {sizeof(tp_process), 0, spawn, kill};
        return &functions;
    }

 private:
    struct Child {
        pid_t pid;
        int pidfd;
        int error;  // errno of exec
        Loop::Watch* watch;
        void (*ended)(void*, const tp_child_end*);
        void* arg;
    };
    /// Everything that the child needs, made before fork(): between fork and exec only plain system calls.
    struct Plan {
        std::vector<std::string> argv, env;
        std::vector<char*> argv_pointers, env_pointers;
        std::string directory;
        int fds[3];
        rlimit limits[5];
        bool limited[5];
        int error;
    };

    static Plan plan(const tp_spawn& spec) {
        Plan plan{};
        for (size_t i = 0; i < spec.argc; ++i) plan.argv.emplace_back(text(spec.argv[i]));
        for (size_t i = 0; i < spec.envc; ++i) plan.env.emplace_back(text(spec.env[i]));
        for (std::string& s : plan.argv) plan.argv_pointers.push_back(s.data());
        for (std::string& s : plan.env) plan.env_pointers.push_back(s.data());
        plan.argv_pointers.push_back(nullptr);
        plan.env_pointers.push_back(nullptr);
        plan.directory = text(spec.directory);
        const int32_t fds[] = {spec.stdin_fd, spec.stdout_fd, spec.stderr_fd};
        const uint64_t most[] = {spec.cpu_seconds, spec.memory_bytes, spec.file_bytes, spec.open_files,
                                 spec.processes};
        for (size_t i = 0; i < 3; ++i) plan.fds[i] = fds[i];
        for (size_t i = 0; i < 5; ++i) {
            plan.limited[i] = most[i] != 0;
            const rlim_t grace = i == 0 ? 1 : 0;  // SIGXCPU comes before SIGKILL, as the server has it
            plan.limits[i] = {most[i], most[i] + grace};
        }
        return plan;
    }
    /// In the child. Returns only when exec failed, with its errno.
    static int become(const Plan& plan) {
        static constexpr __rlimit_resource_t kinds[] = {RLIMIT_CPU, RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_NOFILE,
                                                        RLIMIT_NPROC};
        if (plan.error != 0) return plan.error;
        ::setsid();
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        int high[3];
        for (int i = 0; i < 3; ++i) high[i] = ::fcntl(plan.fds[i], F_DUPFD, 10);
        for (int i = 0; i < 3; ++i)
            if (high[i] < 0 || ::dup2(high[i], i) < 0) return errno;
        if (::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) < 0) return errno;
        if (!plan.directory.empty() && ::chdir(plan.directory.c_str()) < 0) return errno;
        for (int i = 0; i < 5; ++i)
            if (plan.limited[i] && ::setrlimit(kinds[i], &plan.limits[i]) < 0) return errno;
        ::signal(SIGPIPE, SIG_DFL);
        ::execve(plan.argv_pointers[0], plan.argv_pointers.data(), plan.env_pointers.data());
        return errno;
    }
    static tp_child* spawn(tp_request*, tp_worker*, const tp_spawn* spec,
                           void (*ended)(void*, const tp_child_end*), void* arg, int32_t* error) {
        loopOnly("spawn");
        Processes& all = Current<Processes>::get();
        if (spec->struct_size < sizeof *spec) die("spawn(): struct_size of the tp_spawn is not set");
        if (spec->argc == 0 || spec->argv[0].len == 0 || spec->argv[0].ptr[0] != '/')
            die("spawn(): argv[0] is the absolute program");
        *error = -std::exchange(all.refuse_next, 0);
        if (*error != 0) return nullptr;
        Plan planned = plan(*spec);
        planned.error = std::exchange(all.fail_next, 0);
        return all.fork(planned, ended, arg, error);
    }
    tp_child* fork(const Plan& plan, void (*ended)(void*, const tp_child_end*), void* arg, int32_t* error) {
        int report[2];
        if (::pipe2(report, O_CLOEXEC) < 0) {
            *error = -errno;
            return nullptr;
        }
        pid_t pid = ::fork();
        if (pid == 0) {
            int end = ::fcntl(report[1], F_DUPFD_CLOEXEC, 20);
            int failed = become(plan);
            [[maybe_unused]] ssize_t told = ::write(end, &failed, sizeof failed);  // the parent may be gone
            ::_exit(127);
        }
        *error = -errno;
        ::close(report[1]);
        int exec_error = 0;
        if (pid > 0 && ::read(report[0], &exec_error, sizeof exec_error) < 0) exec_error = errno;
        ::close(report[0]);
        if (pid < 0) return nullptr;
        *error = 0;
        ++started_;
        return follow(pid, exec_error, ended, arg);
    }
    tp_child* follow(pid_t pid, int exec_error, void (*ended)(void*, const tp_child_end*), void* arg) {
        auto owned = std::make_unique<Child>();
        Child* child = owned.get();
        int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        *child = {pid, pidfd, exec_error, nullptr, ended, arg};
        child->watch = loop_.watch(pidfd, TP_READABLE, [this, child](uint32_t) { reap(child); });
        if (child->watch == nullptr) die("no pidfd for a child");
        children_[child] = std::move(owned);
        return reinterpret_cast<tp_child*>(child);
    }
    void reap(Child* child) {
        int status = 0;
        rusage used{};
        if (::wait4(child->pid, &status, WNOHANG, &used) <= 0) return;
        loop_.unwatch(child->watch);
        ::close(child->pidfd);
        auto owned = std::move(children_.extract(child).mapped());
        tp_child_end end{};
        end.struct_size = sizeof end;
        end.status = owned->error != 0 ? -1 : status;
        end.error = owned->error;
        end.cpu_us = static_cast<uint64_t>((used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 +
                                           used.ru_utime.tv_usec + used.ru_stime.tv_usec);
        end.max_rss_kib = static_cast<uint64_t>(used.ru_maxrss);
        owned->ended(owned->arg, &end);
    }
    static void kill(tp_child* handle, uint64_t grace_ms) {
        loopOnly("kill");
        Processes& all = Current<Processes>::get();
        auto place = all.children_.find(reinterpret_cast<Child*>(handle));
        if (place == all.children_.end()) die("kill() of a child that has ended: its handle is gone");
        pid_t group = place->first->pid;
        ::kill(-group, SIGTERM);
        all.loop_.timer(grace_ms, [group] { ::kill(-group, SIGKILL); });
    }

    Current<Processes> current_;
    Loop& loop_;
    unsigned started_ = 0;
    std::map<Child*, std::unique_ptr<Child>> children_;
};

}  // namespace turnpike::fake
