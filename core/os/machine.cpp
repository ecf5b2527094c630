#include "os/machine.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
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

uint32_t processors() { return std::max(1u, static_cast<uint32_t>(allowedProcessors().size())); }

std::vector<unsigned> allowedProcessors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> allowed;
    if (call(Class::Event, false, [&] { return ::sched_getaffinity(0, sizeof set, &set); }) < 0) return allowed;
    for (unsigned i = 0; i < CPU_SETSIZE; ++i)
        if (CPU_ISSET(i, &set)) allowed.push_back(i);
    return allowed;
}

int runOn(const std::vector<unsigned>& processors) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (unsigned i : processors)
        if (i < CPU_SETSIZE) CPU_SET(i, &set);
    return static_cast<int>(call(Class::Event, false, [&] { return ::sched_setaffinity(0, sizeof set, &set); }));
}

#if defined(__x86_64__) || defined(__i386__)
std::string hypervisorSignature() {
    constexpr unsigned kIsGuest = 1u << 31, kHypervisor = 0x40000000;
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kIsGuest) == 0) return {};
    __cpuid(kHypervisor, a, b, c, d);
    const unsigned words[] = {b, c, d};
    std::string name(reinterpret_cast<const char*>(words), sizeof words);
    return name.c_str();  // shorter ones are padded with zeros
}
#else
std::string hypervisorSignature() { return {}; }
#endif

uint64_t randomNumber() {
    uint64_t value = 0;
    int64_t got = call(Class::File, true, [&] { return ::getrandom(&value, sizeof value, 0); });
    return got == sizeof value ? value : 0;
}

bool randomBytes(void* to, size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
        int64_t got = call(Class::File, true, [&] { return ::getrandom(at, size, 0); });
        if (got <= 0) return false;
        at += got;
        size -= static_cast<size_t>(got);
    }
    return true;
}

}  // namespace turnpike::os
