// process_cpu.h - what processes have cost so far: nanoseconds for those alive (their CPU clocks, exact), clock
// ticks (10 ms, from /proc) for children that have ended and been waited for. The sums are meant to be subtracted.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace turnpike::measure {

struct Process {
    pid_t pid = 0, parent = 0;
    uint64_t own_ns = 0;     // all its threads
    uint64_t waited_ns = 0;  // children that ended
    bool is_kernel = false;  // a thread of the kernel's
};

/// Every process that this user may look at. Fails when /proc is not there.
Result<std::vector<Process>> listProcesses();

/// `root` and all its descendants, the ended ones included.
uint64_t treeNs(const std::vector<Process>& all, pid_t root);

/// A running Turnpike, told apart by its shape: the master and its direct children (workers, spawner) are the
/// engine; the backends that the spawner started and that live are the backend. What ended below the spawner (CGI
/// programs) is left out: the server's status knows it to the microsecond.
struct ServerCpu {
    uint64_t engine_ns = 0, backend_ns = 0;
};
ServerCpu splitServer(const std::vector<Process>& all, pid_t master);

}  // namespace turnpike::measure
