// window.h - what server, machine and load counted over one steady window: read before it and after it. Nothing in it
// is estimated.
#pragma once
#include <functional>

#include "measure/bed/bed.h"
#include "measure/load/load.h"

namespace turnpike::measure {

struct Window {
    LoadOutcome outcome;
    ledger::Account crossings;
    uint64_t requests = 0, accepted = 0;  // that the server counted
    uint64_t engine_ns = 0, backend_ns = 0, database_ns = 0;
    double run_queue_share = 0;                 // of the elapsed time
    double steal_share = 0, foreign_share = 0;  // of the CPU time that the machine had
};

/// Blocks until the load is over and the server's ledger holds all of it. `database`: of mariadbd, 0: none.
Result<Window> measureWindow(const Server& server, pid_t database, const std::function<LoadOutcome()>& load);

}  // namespace turnpike::measure
