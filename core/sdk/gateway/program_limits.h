// program_limits.h - the keys that limit what a program of a plugin may use, declared once, and reading them.
// Setup only; what is refused is thrown as Refused.
#pragma once
#include <cstdint>

#include "sdk/plugin.hpp"

namespace turnpike::gateway {

/// Of each process; 0: not set. The members of tp_spawn and tp_backend_spec with these names say the same.
struct Limits {
    uint64_t memory_bytes = 0, file_bytes = 0, open_files = 0, processes = 0;
};
/// Of several processes together, by a cgroup; 0: not set. There too, with "cgroup_" before the names.
struct GroupLimits {
    uint64_t memory_bytes = 0, processes = 0;
};

namespace key {
constexpr tp_key memory(const char* fallback) {
    return {"memory", TP_KEY_SIZE, 0, fallback, "Address space of each process. 0: no limit."};
}
constexpr tp_key file(const char* fallback) {
    return {"file", TP_KEY_SIZE, 0, fallback, "Largest file that a process may write. 0: no limit."};
}
constexpr tp_key openFiles(const char* fallback) {
    return {"open_files", TP_KEY_INTEGER, 0, fallback, "Descriptors of each process. 0: no limit."};
}
/// `name`: for a plugin to which "processes" means something else.
constexpr tp_key processes(const char* fallback, const char* name = "processes") {
    return {name, TP_KEY_INTEGER, 0, fallback,
            "Processes and threads of the program's user, counted by the kernel over all its programs. 0: no "
            "limit."};
}
/// The limits of a group; `help` says whose.
constexpr tp_key cgroupMemory(const char* help) { return {"cgroup_memory", TP_KEY_SIZE, 0, "0", help}; }
constexpr tp_key cgroupProcesses(const char* help) { return {"cgroup_processes", TP_KEY_INTEGER, 0, "0", help}; }
}  // namespace key

/// A number, size, duration or boolean that is not less than `least`.
uint64_t readNumber(const tp_host& host, const tp_setup* setup, const char* key, int64_t least = 0);
/// What the keys above say; `processes`: the name of that one.
Limits readLimits(const tp_host& host, const tp_setup* setup, const char* processes = "processes");
GroupLimits readGroupLimits(const tp_host& host, const tp_setup* setup);

}  // namespace turnpike::gateway
