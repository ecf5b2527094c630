// bill.h - what the engine's crossings cost for one request: counts of the ledger times constants of the machine.
// Estimates from above, since they bound what could be saved: where it is not known without tracing which of two
// prices applies, it is the higher.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// Per request of a cell, medians over its trials.
struct Counts {
    double calls = 0;                                      // all of the engine's
    double events = 0;                                     // waiting for events and being woken
    double accepts = 0;                                    // connections taken
    double wakes = 0;                                      // times that the engine slept and was woken
    double client_kib = 0, backend_kib = 0, file_kib = 0;  // copied: what sendfile moves is not
};
Counts countsOf(const CellTrials& cell);
/// What the copies cost: clients are served over TCP; files and pipes are priced like a unix socket. Absent when a
/// copy slope is missing.
std::optional<Price> copiesOf(const Evidence& evidence, const CellTrials& cell, const Counts& counts);

/// What a call costs in the engine: the slope of the injected ones, which includes what they spoil in the caches,
/// but never less than a bare call. Absent without null_syscall.
std::optional<Price> callPrice(const Evidence& evidence, const std::vector<Line>& lines);
/// The line of CPU over injected calls; of two the steeper. Null when none was measured.
const Line* injectionLine(const std::vector<Line>& lines);

/// Microseconds per request. What needs a constant that is missing is absent.
struct Bill {
    std::optional<Price> kthread;          // calls and copies: what a kernel thread would not pay
    std::optional<Price> softirq;          // and wake-ups, events and accepted connections: CPU
    std::optional<Price> softirq_latency;  // the same, with the wake-ups of a processor that idles
    std::optional<Price> tcp_least;        // what TCP itself costs, whoever serves
    std::string missing;
};
Bill billOf(const Evidence& evidence, const CellTrials& cell, const std::optional<Price>& call_price);

}  // namespace turnpike::measure
