// machine.h - what a program wants to know about where it runs, once, at start-up.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace turnpike::os {

/// Absolute; empty when it cannot be told.
std::string currentFolder();
/// The file of the running program, links resolved; empty when it cannot be told.
std::string executablePath();
/// How many processors this process may run on, at least 1.
uint32_t processors();
/// Their numbers, in rising order; empty when they cannot be told.
std::vector<unsigned> allowedProcessors();
/// `pid` (0: the caller) runs on these processors from now on, and so does what it starts; 0 or -errno. Threads and
/// children that are there already stay where they are.
int setAffinity(pid_t pid, const std::vector<unsigned>& processors);
/// From the kernel's generator; 0 when it has none.
uint64_t randomNumber();

}  // namespace turnpike::os
