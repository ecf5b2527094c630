#include "measure/analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "measure/analysis/cells.h"
#include "measure/analysis/evidence.h"
#include "measure/stats/bootstrap.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

using ledger::Class;

constexpr double kLeastChange = 0.05;  // below: the first and the last request of a trial
constexpr double kSlower = 1.03;

bool isShared(Class c) { return c == Class::Event || c == Class::Listen || c == Class::Log; }

std::optional<CountChange> compareCounts(const CellTrials& before, const CellTrials& after, Class c) {
    if (before.cell->load == LoadKind::Saturation && isShared(c)) return std::nullopt;
    std::vector<double> was = callsOf(before, c), is = callsOf(after, c);
    if (was.empty() || is.empty()) return std::nullopt;
    auto [was_least, was_most] = std::minmax_element(was.begin(), was.end());
    auto [is_least, is_most] = std::minmax_element(is.begin(), is.end());
    bool is_apart = *is_least > *was_most || *is_most < *was_least;
    CountChange change{before.cell->key, c, median(was), median(is), false};
    double difference = change.after - change.before;
    if (!is_apart || std::abs(difference) < kLeastChange) return std::nullopt;
    change.is_regression = std::round(difference) >= 1;
    return change;
}

/// The A/A cells of one load, which are the same by definition, as one series.
Series sameCells(const Evidence& evidence, LoadKind load, Metric metric) {
    std::map<uint32_t, std::vector<double>> values;
    for (const CellTrials* cell : evidence.select("E0", {{"probe", "aa"}}))
        if (cell->cell->load == load)
            for (const auto& [block, value] : evidence.series(*cell, metric)) values[block].push_back(value);
    Series series;
    for (const auto& [block, of] : values) series[block] = geometricMean(of);
    return series;
}

bool isSameCell(const Cell& cell) {
    auto probe = cell.factors.find("probe");
    return cell.experiment == "E0" && probe != cell.factors.end() && probe->second == "aa";
}

std::vector<double> overSame(const Evidence& evidence, const CellTrials& cell, Metric metric) {
    auto values = align({evidence.series(cell, metric), sameCells(evidence, cell.cell->load, metric)});
    for (size_t i = 0; i < values[0].size(); ++i) values[0][i] /= values[1][i];
    return values[0];
}

std::vector<double> overBareCall(const Evidence& evidence, const CellTrials& cell, Metric metric) {
    auto bare = evidence.constants().find("null_syscall");
    if (!bare || bare->value <= 0) return {};
    std::vector<double> values = align({evidence.series(cell, metric)})[0];
    for (double& value : values) value /= bare->value;
    return values;
}

struct Side {
    const Evidence& evidence;
    const CellTrials& cell;
};

std::optional<TimeChange> compareTimes(const Side& before, const Side& after, Metric metric) {
    using Relate = std::vector<double> (*)(const Evidence&, const CellTrials&, Metric);
    auto against = [&](const char* what, Relate relate) -> std::optional<TimeChange> {
        std::vector<double> was = relate(before.evidence, before.cell, metric);
        std::vector<double> is = relate(after.evidence, after.cell, metric);
        TimeChange change{before.cell.cell->key, name(metric), what, {}, false};
        change.ratio = unpairedRatio(before.evidence.draws(was.size()), was, after.evidence.draws(is.size()), is);
        change.looks_slower = change.ratio.isKnown() && change.ratio.low > kSlower;
        return change.ratio.isKnown() ? std::optional(change) : std::nullopt;
    };
    if (!isSameCell(*before.cell.cell))
        if (auto change = against("E0/aa", overSame)) return change;
    return against("null_syscall", overBareCall);
}

const CellTrials* twinOf(const Cell& cell, const Evidence& in) {
    for (const CellTrials& candidate : in.cells())
        if (candidate.cell->key == cell.key && !candidate.counted.empty()) return &candidate;
    return nullptr;
}

std::vector<std::string> onlyIn(const Evidence& one, const Evidence& other) {
    std::vector<std::string> keys;
    for (const CellTrials& cell : one.cells())
        if (!cell.counted.empty() && twinOf(*cell.cell, other) == nullptr) keys.push_back(cell.cell->key);
    return keys;
}

std::vector<std::string> differences(const Fingerprint& before, const Fingerprint& after) {
    std::vector<std::string> result;
    auto valueIn = [](const Fingerprint& facts, const std::string& fact) {
        for (const Fact& candidate : facts)
            if (candidate.name == fact) return candidate.value;
        return std::string("not noted");
    };
    for (const Fact& fact : before)
        if (std::string value = valueIn(after, fact.name); value != fact.value)
            result.push_back(fact.name + ": " + fact.value + " -> " + value);
    return result;
}

void compareCell(const Side& before, const Side& after, Comparison* result) {
    ++result->cells;
    for (size_t i = 0; i < ledger::kClasses; ++i)
        if (auto change = compareCounts(before.cell, after.cell, static_cast<Class>(i)))
            result->counts.push_back(*change);
    for (Metric metric : {Metric::Cpu, Metric::P50})
        if (auto change = compareTimes(before, after, metric)) result->times.push_back(*change);
}

}  // namespace

Comparison compareRuns(const Measured& before, const Measured& after) {
    Evidence was(before.run, before.cells, before.trials), is(after.run, after.cells, after.trials);
    Comparison result;
    result.before = before.run;
    result.after = after.run;
    result.machine = differences(before.run.fingerprint, after.run.fingerprint);
    result.only_before = onlyIn(was, is);
    result.only_after = onlyIn(is, was);
    for (const CellTrials& cell : was.cells()) {
        const CellTrials* twin = twinOf(*cell.cell, is);
        if (twin != nullptr && !cell.counted.empty()) compareCell({was, cell}, {is, *twin}, &result);
    }
    std::stable_partition(result.counts.begin(), result.counts.end(),
                          [](const CountChange& change) { return change.is_regression; });
    return result;
}

}  // namespace turnpike::measure
