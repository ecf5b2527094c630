// window.h - what server, machine and load counted over one steady window: read before it and after it. Nothing in
// it is estimated.
#pragma once
#include <functional>
#include <optional>

#include "measure/load/load.h"
#include "measure/process_cpu.h"
#include "measure/server_status.h"

namespace turnpike::measure {

/// What /proc has counted up to one moment.
struct MachineReading {
    ServerCpu server;
    uint64_t database_ns = 0;
    uint64_t run_queue_ns = 0;  // that the server's workers stood ready and did not run
    uint64_t foreign_ns = 0;    // CPU of processes that are neither ours nor the kernel's
    uint64_t steal_ns = 0;      // that the hypervisor kept from us
    unsigned processors = 1;    // that are online
};
/// `master`: of the server; `database`: mariadbd, 0: none. Ours is what this process has started.
std::optional<MachineReading> readMachine(pid_t master, pid_t database);

/// Where the numbers come from; tests put their own there.
struct Sources {
    std::function<Result<ServerStatus>()> status;
    std::function<std::optional<MachineReading>(pid_t master)> machine;  // nothing: /proc does not tell
    std::function<LoadOutcome(const Load&)> load;
};

struct Window {
    LoadOutcome outcome;
    ledger::Account crossings;
    uint64_t requests = 0, accepted = 0;            // that the server counted
    std::optional<uint64_t> engine_ns, backend_ns;  // absent: /proc does not tell
    uint64_t database_ns = 0;
    double run_queue_share = 0;                 // of the elapsed time
    double steal_share = 0, foreign_share = 0;  // of the CPU time that the machine had
};

/// Blocks until the load is over and the server's ledger holds all of it.
Result<Window> measureWindow(const Sources& sources, const Load& load);

}  // namespace turnpike::measure
