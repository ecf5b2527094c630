#include "measure/analysis/bill.h"

#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

using ledger::Class;

double medianOf(const CellTrials& cell, const std::function<double(const Trial&)>& perTrial) {
    std::vector<double> values;
    for (const Trial* trial : cell.counted)
        if (double units = unitsOf(*cell.cell, *trial); units > 0) values.push_back(perTrial(*trial) / units);
    return median(std::move(values));
}

const tp_crossing& of(const Trial& trial, Class c) { return trial.crossings.of[static_cast<size_t>(c)]; }

double calls(const CellTrials& cell, Class c) {
    return medianOf(cell, [c](const Trial& trial) { return static_cast<double>(of(trial, c).calls); });
}

double kib(const CellTrials& cell, Class c) {
    constexpr double kKib = 1024;
    return medianOf(cell, [c](const Trial& trial) { return static_cast<double>(of(trial, c).bytes); }) / kKib;
}

/// What an experiment noted, or what the ledger says instead.
double notedOr(const CellTrials& cell, const char* key, double otherwise) {
    std::vector<double> values;
    for (const Trial* trial : cell.counted)
        if (auto noted = extraOf(*cell.cell, *trial, key)) values.push_back(*noted);
    return values.empty() ? otherwise : median(std::move(values));
}

/// What softirq saves over a kernel thread. Half a unix write and read stands for the work behind one event call,
/// the set-up of a unix connection, which has no protocol, for that of an accepted one.
std::optional<Price> savedBySoftirq(const Constants& constants, const Counts& counts,
                                    const std::optional<Price>& wakes) {
    auto event = constants.find("unix_write_read"), accept = constants.find("connect_unix");
    if (!event || !accept || !wakes) return std::nullopt;
    return counts.events / 2 * *event + counts.accepts * *accept + *wakes;
}

/// What wake-ups add to latency: the client has a processor of its own and wakes an idle one, once a request;
/// backend and database share the engine's.
std::optional<Price> latencyOfWakes(const Constants& constants, double wakes) {
    auto near = constants.find("wake_same_cpu"), far = constants.find("wake_cross_cpu");
    if (!near || !far) return std::nullopt;
    return std::min(1.0, wakes) * *far + std::max(0.0, wakes - 1) * *near;
}

}  // namespace

Counts countsOf(const CellTrials& cell) {
    Counts counts;
    counts.calls = medianOf(cell, [](const Trial& trial) { return static_cast<double>(trial.crossings.calls()); });
    counts.events = calls(cell, Class::Event);
    counts.accepts = notedOr(cell, "accepts", calls(cell, Class::Listen));
    counts.wakes = notedOr(cell, "wakeups", counts.events);
    constexpr double kKib = 1024;
    double moved = factorOf(*cell.cell, "send") == "sendfile" ? numberOf(*cell.cell, "size") / kKib : 0;
    counts.client_kib = std::max(0.0, kib(cell, Class::Client) - moved);
    counts.backend_kib = kib(cell, Class::Backend);
    counts.file_kib = kib(cell, Class::File);
    return counts;
}

std::optional<Price> copiesOf(const Evidence& evidence, const CellTrials& cell, const Counts& counts) {
    const Constants& constants = evidence.constants();
    auto tcp = constants.find("copy_per_kib_tcp"), local = constants.find("copy_per_kib_unix");
    if (!tcp || !local) return std::nullopt;
    const Price& backend = factorOf(*cell.cell, "transport") == "tcp" ? *tcp : *local;
    return counts.client_kib * *tcp + counts.backend_kib * backend + counts.file_kib * *local;
}

const Line* injectionLine(const std::vector<Line>& lines) {
    const Line* steepest = nullptr;
    for (const Line& line : lines)
        if (line.experiment == "E0" && line.factor == "calls" && line.metric == name(Metric::Cpu) &&
            line.slope.isKnown() && (steepest == nullptr || line.slope.value > steepest->slope.value))
            steepest = &line;
    return steepest;
}

std::optional<Price> callPrice(const Evidence& evidence, const std::vector<Line>& lines) {
    auto bare = evidence.constants().find("null_syscall");
    const Line* injected = injectionLine(lines);
    if (!bare || injected == nullptr) return bare;
    return Price{std::max(bare->value, injected->slope.value), std::max(bare->low, injected->slope.low),
                 std::max(bare->high, injected->slope.high)};
}

Bill billOf(const Evidence& evidence, const CellTrials& cell, const std::optional<Price>& call_price) {
    const Constants& constants = evidence.constants();
    Counts counts = countsOf(cell);
    auto copies = copiesOf(evidence, cell, counts);
    Bill bill;
    bill.missing = constants.missing({"null_syscall", "copy_per_kib_tcp", "copy_per_kib_unix", "unix_write_read",
                                      "connect_unix", "wake_same_cpu", "wake_cross_cpu", "tcp_write_read"});
    if (call_price && copies) bill.kthread = counts.calls * *call_price + *copies;
    std::optional<Price> wakes;
    if (auto wake = constants.find("wake_same_cpu")) wakes = counts.wakes * *wake;
    auto cpu = savedBySoftirq(constants, counts, wakes);
    auto latency = savedBySoftirq(constants, counts, latencyOfWakes(constants, counts.wakes));
    if (bill.kthread && cpu) bill.softirq = *bill.kthread + *cpu;
    if (bill.kthread && latency) bill.softirq_latency = *bill.kthread + *latency;
    auto tcp = constants.find("tcp_write_read"), bare = constants.find("null_syscall");
    if (tcp && bare) bill.tcp_least = *tcp - 2 * *bare;
    return bill;
}

}  // namespace turnpike::measure
