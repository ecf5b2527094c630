// machine.h - what a program wants to know about where it runs, once, at start-up.
#pragma once
#include <cstdint>
#include <string>

namespace turnpike::os {

/// Absolute; empty when it cannot be told.
std::string currentFolder();
/// The file of the running program, links resolved; empty when it cannot be told.
std::string executablePath();
/// How many processors this process may run on, at least 1.
uint32_t processors();
/// From the kernel's generator; 0 when it has none.
uint64_t randomNumber();

}  // namespace turnpike::os
