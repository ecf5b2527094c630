#include "measure/analysis/analysis.h"

#include <iterator>

#include "measure/analysis/bill.h"
#include "measure/analysis/bounds.h"
#include "measure/analysis/cells.h"
#include "measure/analysis/checks.h"
#include "measure/analysis/claims.h"
#include "measure/analysis/effects.h"
#include "measure/analysis/evidence.h"
#include "measure/analysis/lines.h"

namespace turnpike::measure {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// What an injected call costs, in units of a bare one.
std::optional<double> pollutionOf(const Evidence& evidence, const std::vector<Line>& lines) {
    auto bare = evidence.constants().find("null_syscall");
    const Line* injected = injectionLine(lines);
    if (!bare || injected == nullptr || bare->value <= 0) return std::nullopt;
    return injected->slope.value / bare->value;
}

}  // namespace

Analysis analyse(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials,
                 const Thresholds& thresholds) {
    Evidence evidence(run, cells, trials);
    Resolution resolution(evidence);
    Analysis analysis;
    analysis.run = run;
    analysis.thresholds = thresholds;
    for (const CellTrials& cell : evidence.cells()) analysis.cells.push_back(summaryOf(evidence, cell));
    analysis.effects = effectsOf(evidence, resolution);
    analysis.lines = linesOf(evidence);
    analysis.bounds = boundsOf(evidence, callPrice(evidence, analysis.lines));
    analysis.same = resolution.widest(Metric::Cpu);
    analysis.detectable = Resolution::halfWidth(analysis.same);
    analysis.pollution = pollutionOf(evidence, analysis.lines);
    analysis.checks = validityChecks(evidence, resolution, analysis);
    append(analysis.checks, experimentChecks(evidence, analysis));
    Judge judge(evidence, resolution, analysis);
    for (auto judged : {judgeCrossing, judgeCgi, judgeFilters, judgeHops})
        append(analysis.verdicts, judged(judge));
    return analysis;
}

const char* name(Check::State state) {
    static constexpr const char* kNames[] = {"PASS", "FAIL", "not measured"};
    return kNames[static_cast<size_t>(state)];
}

const char* name(Verdict::Level level) {
    static constexpr const char* kNames[] = {"supported", "material", "refuted", "no evidence"};
    return kNames[static_cast<size_t>(level)];
}

const CellSummary* findCell(const Analysis& analysis, const std::string& key) {
    for (const CellSummary& summary : analysis.cells)
        if (summary.cell.key == key) return &summary;
    return nullptr;
}

}  // namespace turnpike::measure
