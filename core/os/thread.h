// thread.h - what a thread that measures asks of the kernel for itself.
#pragma once
#include <cstdint>

namespace turnpike::os {

/// Processor time that the calling thread has used, exact to the nanosecond; a system call.
uint64_t threadCpuNs();
/// The calling thread, and threads that it starts, run on this processor only. 0, or -errno: -EINVAL when there is
/// no such processor or this process may not use it.
int pinThread(unsigned processor);
/// Timers of the calling thread fire when they are due, and not up to 50 us later.
int sharpenTimers();

}  // namespace turnpike::os
