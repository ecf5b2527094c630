// processes.h - what /proc tells of processes.
#pragma once
#include <sys/types.h>

#include <set>
#include <string>

#include "support/patience.h"

namespace turnpike::e2e {

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
