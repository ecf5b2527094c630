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
/// Their numbers; empty when they cannot be told.
std::vector<unsigned> allowedProcessors();
/// From now on the calling thread, and what it starts, runs on these alone; 0 or -errno.
int runOn(const std::vector<unsigned>& processors);
/// What the hypervisor calls itself: "KVMKVMKVM"; empty on bare metal and where it cannot be asked.
std::string hypervisorSignature();
/// From the kernel's generator; 0 when it has none.
uint64_t randomNumber();
/// The same for keys; false: it has none, and nothing may be made of what is there.
bool randomBytes(void* to, size_t size);

}  // namespace turnpike::os
