#include <algorithm>

#include "measure/analysis/checks.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using State = Check::State;

constexpr double kMostOverhead = 0.02, kLeastProcessShare = 0.95;
constexpr LoadKind kLoads[] = {LoadKind::Saturation, LoadKind::Single};

const char* const kOverhead = "the ledger takes less than 2 % of throughput";

/// Throughput without the ledger over that with it, of the load under which it was measured.
Check ledgerCheck(const Evidence& evidence) {
    for (LoadKind load : kLoads) {
        const CellTrials* on = evidence.find("E0", {{"probe", "ledger"}, {"ledger", "on"}}, load);
        const CellTrials* off = evidence.find("E0", {{"probe", "ledger"}, {"ledger", "off"}}, load);
        if (on == nullptr || off == nullptr) continue;
        Estimate factor = evidence.ratio(*on, *off, Metric::Throughput);
        if (!factor.isKnown()) continue;
        std::string detail = change(factor) + " of throughput, " + change(evidence.ratio(*off, *on, Metric::Cpu)) +
                             " of CPU per request (" + name(load) + ")";
        if (factor.high < 1 + kMostOverhead) return {"E0", kOverhead, State::Pass, detail};
        if (factor.low >= 1 + kMostOverhead) return {"E0", kOverhead, State::Fail, detail};
        return {"E0", kOverhead, State::NotMeasured,
                detail + ": too uncertain; `turnpike measure E0 --quick --only ledger --blocks 60` tells"};
    }
    return {"E0", kOverhead, State::NotMeasured, "E0/ledger was not measured in two blocks"};
}

const char* const kProcess = "the process takes more than 95 % of a CGI request's CPU";

Check processCheck(const Evidence& evidence) {
    std::string detail;
    bool all_above = true;
    for (const CellTrials* cell : evidence.select("E4", {})) {
        Estimate of = processShare(evidence, *cell);
        if (cell->cell->load != LoadKind::Single || !of.isKnown()) continue;
        detail += (detail.empty() ? "" : "; ") + contentOf(*cell->cell) + ": " + share(of);
        all_above = all_above && of.low > kLeastProcessShare;
    }
    if (detail.empty())
        return {"E4", kProcess, State::NotMeasured,
                "no program and its in-process control have two common blocks"};
    return {"E4", kProcess, all_above ? State::Pass : State::Fail, detail};
}

const char* const kTransport = "TCP and unix sockets to a backend differ";

Check transportCheck(const Evidence& evidence, const Analysis& analysis) {
    std::string detail;
    bool is_found = false;
    for (LoadKind load : kLoads)
        for (Metric metric : {Metric::Cpu, Metric::P50}) {
            Estimate ratio = pooled(evidence, analysis.effects, {"E5", "transport", "unix", "tcp"}, metric, load);
            if (!ratio.isKnown()) continue;
            detail += (detail.empty() ? "" : "; ") + print("%s (%s): ", name(metric), name(load)) + change(ratio);
            is_found = is_found || (metric == Metric::Cpu && ratio.excludes(1));
        }
    if (detail.empty()) return {"E5", kTransport, State::NotMeasured, "no pair of unix and tcp has two blocks"};
    return {"E5", kTransport, is_found ? State::Pass : State::Fail, "TCP over unix, all pairs: " + detail};
}

const char* const kQuery = "each query costs time and CPU: every slope excludes 0";

Check queryCheck(const Analysis& analysis) {
    size_t lines = 0;
    std::string unsure, least;
    for (const Line& line : analysis.lines) {
        if (line.experiment != "E7" || !line.slope.isKnown()) continue;
        ++lines;
        std::string text = line.group + ", " + line.metric + ", " + name(line.load) + ": " +
                           withInterval(line.slope, "us a query");
        if (line.slope.low <= 0) unsure = text;
        if (least.empty()) least = text;
    }
    if (lines == 0) return {"E7", kQuery, State::NotMeasured, "no line over the number of queries has two blocks"};
    if (!unsure.empty()) return {"E7", kQuery, State::Fail, unsure};
    return {"E7", kQuery, State::Pass, print("%zu lines, such as ", lines) + least};
}

}  // namespace

Estimate processShare(const Evidence& evidence, const CellTrials& cgi) {
    if (factorOf(*cgi.cell, "program") == "in-process") return {};
    const CellTrials* control = evidence.sibling(*cgi.cell, {{"program", "in-process"}});
    if (control == nullptr) return {};
    return evidence.combined({evidence.series(cgi, Metric::Cpu), evidence.series(*control, Metric::Cpu)},
                             [](std::span<const double> cpu) { return 1 - cpu[1] / cpu[0]; });
}

std::vector<Check> experimentChecks(const Evidence& evidence, const Analysis& analysis) {
    return {ledgerCheck(evidence), processCheck(evidence), transportCheck(evidence, analysis),
            queryCheck(analysis)};
}

}  // namespace turnpike::measure
