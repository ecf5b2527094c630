#include "measure/analysis/cells.h"

#include "measure/analysis/split.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

constexpr double kModeStep = 0.01;  // trials differ by the calls of their first and last moment

double bytesOf(const CellTrials& cell) {
    std::vector<double> values;
    for (const Trial* trial : cell.counted) {
        uint64_t bytes = 0;
        for (const tp_crossing& crossing : trial->crossings.of) bytes += crossing.bytes;
        if (double units = unitsOf(*cell.cell, *trial); units > 0)
            values.push_back(static_cast<double>(bytes) / units);
    }
    return median(std::move(values));
}

}  // namespace

std::vector<double> callsOf(const CellTrials& cell, ledger::Class c) {
    std::vector<double> values;
    for (const Trial* trial : cell.counted)
        if (double units = unitsOf(*cell.cell, *trial); units > 0)
            values.push_back(static_cast<double>(trial->crossings.of[static_cast<size_t>(c)].calls) / units);
    return values;
}

CellSummary summaryOf(const Evidence& evidence, const CellTrials& cell) {
    CellSummary summary;
    summary.cell = *cell.cell;
    summary.unit = cell.cell->experiment == "E3" ? "connection" : "request";
    summary.trials = static_cast<unsigned>(cell.counted.size());
    summary.rejected = static_cast<unsigned>(cell.rejected.size());
    summary.per_second = evidence.mean(cell, Metric::Throughput);
    summary.p50_us = evidence.mean(cell, Metric::P50);
    summary.p99_us = evidence.mean(cell, Metric::P99);
    summary.mean_us = evidence.mean(cell, Metric::Mean);
    summary.cpu_us = evidence.mean(cell, Metric::Cpu);
    summary.engine_us = evidence.mean(cell, Metric::Engine);
    summary.backend_us = evidence.mean(cell, Metric::Backend);
    summary.database_us = evidence.mean(cell, Metric::Database);
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        std::vector<double> calls = callsOf(cell, static_cast<ledger::Class>(i));
        summary.calls_mode[i] = mode(calls, kModeStep);
        summary.calls[i] = median(std::move(calls));
    }
    summary.bytes = bytesOf(cell);
    if (summary.cpu_us.isKnown()) summary.split = splitOf(evidence, cell, summary.cpu_us.value);
    return summary;
}

}  // namespace turnpike::measure
