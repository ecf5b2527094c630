#include "os/thread.h"

#include <sched.h>
#include <sys/prctl.h>

#include <ctime>

#include "os/call.h"

namespace turnpike::os {

using ledger::Class;

uint64_t threadCpuNs() {
    timespec t{};
    call(Class::Event, false, [&] { return ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); });
    return static_cast<uint64_t>(t.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(t.tv_nsec);
}

int pinThread(unsigned processor) {
    if (processor >= CPU_SETSIZE) return -EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return static_cast<int>(call(Class::Event, false, [&] { return ::sched_setaffinity(0, sizeof set, &set); }));
}

int sharpenTimers() {
    return static_cast<int>(call(Class::Event, false, [] { return ::prctl(PR_SET_TIMERSLACK, 1UL); }));
}

}  // namespace turnpike::os
