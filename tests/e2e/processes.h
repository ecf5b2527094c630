// processes.h - what /proc tells of processes, and waiting with a bound.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>

namespace turnpike::e2e {

/// Asks every few milliseconds until it is so, ten seconds at most unless told otherwise; whether it came.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds most = std::chrono::seconds(10)) {
    auto end = std::chrono::steady_clock::now() + most;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

/// As /proc has it: 'T' is stopped; '-': there is no such process.
char stateOf(pid_t pid);
/// It exists and is no zombie.
bool isAlive(pid_t pid);
/// kill(), but never for a pid that means a group or everybody.
bool signalTo(pid_t pid, int number);
/// The first of them; 0: there is none.
pid_t firstOf(const std::set<pid_t>& pids);
/// Its children, theirs and so on.
std::set<pid_t> descendants(pid_t pid);
/// How many descriptors a process has open whose target holds `part`; -1: this user may not look.
int openDescriptors(pid_t pid, const std::string& part = "");
/// Processor time that a process has used, in milliseconds.
long cpuMs(pid_t pid);

}  // namespace turnpike::e2e
