// split.h - the stacked bar of a cell: trap, copy, wake, kernel work, user.
//
// Without tracing nobody can see where a process enters the kernel, and the kernel's own split of user and system
// time is a guess made at clock ticks. So counts of the ledger are priced: `trap` is calls of the engine times a
// bare call, `copy` its KiB, `wake` every time that it, its backend or the database was woken, `kernel_work` the
// calibrated work of the sockets, connections and processes that the cell is known to use. `user` is what is left:
// it holds what was not calibrated too, such as files and the backend's own calls.
#pragma once
#include "measure/analysis/analysis.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// Adds up to `cpu_us`. Not known when a constant that the cell needs is missing.
Split splitOf(const Evidence& evidence, const CellTrials& cell, double cpu_us);

}  // namespace turnpike::measure
