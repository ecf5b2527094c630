#include "os/machine.h"

#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <climits>

#include "os/call.h"

namespace turnpike::os {

using ledger::Class;

std::string currentFolder() {
    char buffer[PATH_MAX];
    int64_t size = call(Class::File, false, [&] { return ::getcwd(buffer, sizeof buffer) == nullptr ? -1 : 0; });
    return size < 0 ? std::string() : std::string(buffer);
}

std::string executablePath() {
    char buffer[PATH_MAX];
    int64_t size = call(Class::File, false, [&] { return ::readlink("/proc/self/exe", buffer, sizeof buffer); });
    return size < 0 ? std::string() : std::string(buffer, static_cast<size_t>(size));
}

uint32_t processors() {
    size_t count = allowedProcessors().size();
    return count < 1 ? 1 : static_cast<uint32_t>(count);
}

std::vector<unsigned> allowedProcessors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> allowed;
    if (call(Class::Event, false, [&] { return ::sched_getaffinity(0, sizeof set, &set); }) < 0) return allowed;
    for (unsigned i = 0; i < CPU_SETSIZE; ++i)
        if (CPU_ISSET(i, &set)) allowed.push_back(i);
    return allowed;
}

int setAffinity(pid_t pid, const std::vector<unsigned>& processors) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i : processors)
        if (i < CPU_SETSIZE) CPU_SET(i, &set);
    return static_cast<int>(call(Class::Event, false, [&] { return ::sched_setaffinity(pid, sizeof set, &set); }));
}

uint64_t randomNumber() {
    uint64_t value = 0;
    int64_t got = call(Class::File, true, [&] { return ::getrandom(&value, sizeof value, 0); });
    return got == sizeof value ? value : 0;
}

}  // namespace turnpike::os
