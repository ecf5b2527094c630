#include "sdk/gateway/program_limits.h"

#include <string>

namespace turnpike::gateway {

uint64_t readNumber(const tp_host& host, const tp_setup* setup, const char* key, int64_t least) {
    int64_t number = host.config_integer(setup, key);
    if (number < least) throw Refused(key, "must be " + std::to_string(least) + " or more");
    return static_cast<uint64_t>(number);
}

Limits readLimits(const tp_host& host, const tp_setup* setup, const char* processes) {
    Limits to;
    to.memory_bytes = readNumber(host, setup, "memory");
    to.file_bytes = readNumber(host, setup, "file");
    to.open_files = readNumber(host, setup, "open_files");
    to.processes = readNumber(host, setup, processes);
    if (to.open_files > 0 && to.open_files < 4)
        throw Refused("open_files", "a program needs 4 or more, or 0 for no limit");
    return to;
}

GroupLimits readGroupLimits(const tp_host& host, const tp_setup* setup) {
    return {readNumber(host, setup, "cgroup_memory"), readNumber(host, setup, "cgroup_processes")};
}

}  // namespace turnpike::gateway
