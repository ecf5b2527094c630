#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "measure/analysis/bill.h"
#include "measure/analysis/checks.h"
#include "measure/analysis/lines.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using State = Check::State;

constexpr double kLittle = 0.03, kLeastRSquared = 0.98, kMostLost = 1.0 / 3;

Check notMeasured(const char* id, const char* what, const char* why) {
    return {id, what, State::NotMeasured, why};
}

Check needsTracing(const char* id, const char* what) {
    return notMeasured(id, what, "needs a tracer that sees other processes, which no trial of a run has");
}

const char* const kBytes = "bytes sent by the engine = bytes received by the generator, exactly";

/// The ledger counts what clients sent as well as what they got. One connection asking one page sends the same
/// request again and again, so what is left must be the same whole number of bytes for each.
std::optional<std::string> bytesThatDiffer(const CellTrials& cell) {
    std::optional<uint64_t> request_size;
    for (const Trial* trial : cell.counted) {
        uint64_t moved = trial->crossings.of[static_cast<size_t>(ledger::Class::Client)].bytes;
        uint64_t sent = moved - std::min(moved, trial->received);
        bool is_whole = trial->requests > 0 && sent > 0 && sent % trial->requests == 0;
        if (is_whole && request_size.value_or(sent / trial->requests) == sent / trial->requests) {
            request_size = sent / trial->requests;
            continue;
        }
        return print("%s, block %u: the engine moved %llu bytes, the generator got %llu in %llu requests",
                     cell.cell->key.c_str(), trial->block, static_cast<unsigned long long>(moved),
                     static_cast<unsigned long long>(trial->received),
                     static_cast<unsigned long long>(trial->requests));
    }
    return std::nullopt;
}

Check bytesCheck(const Evidence& evidence) {
    size_t cells = 0;
    for (const CellTrials& cell : evidence.cells()) {
        bool is_one_page = cell.cell->experiment != "E3" && cell.cell->experiment != "E9";
        if (cell.cell->load != LoadKind::Single || !is_one_page || cell.counted.empty()) continue;
        if (auto difference = bytesThatDiffer(cell)) return {"V4", kBytes, State::Fail, *difference};
        ++cells;
    }
    if (cells == 0) return notMeasured("V4", kBytes, "no cell asks one page over one connection at a time");
    return {"V4", kBytes, State::Pass, print("exact in every trial of %zu cells", cells)};
}

const char* const kLittlesLaw = "Little's law: connections = throughput x latency, to 3 %";

/// Latency leaves out the time that connecting takes, so a connection of one's own for each request is not judged.
bool keepsConnections(const Cell& cell) {
    return cell.experiment != "E3" && !(cell.experiment == "E1" && factorOf(cell, "connection") == "close");
}

/// Throughput times latency over the connections that were open; 1 when the law holds. Absent when they were not
/// noted.
std::optional<double> littleRatio(const Evidence& evidence, const CellTrials& cell) {
    Estimate per_second = evidence.mean(cell, Metric::Throughput), latency = evidence.mean(cell, Metric::Mean);
    Series noted = evidence.series(cell, [](const Trial& trial) -> std::optional<double> {
        auto connections = trial.extra.find("connections");
        return connections == trial.extra.end() ? std::nullopt : std::optional(connections->second);
    });
    double connections = 1;
    if (cell.cell->load == LoadKind::Saturation)
        connections = evidence.combined({noted}, [](std::span<const double> means) { return means[0]; }).value;
    if (!per_second.isKnown() || !latency.isKnown() || connections <= 0) return std::nullopt;
    return per_second.value * latency.value / 1e6 / connections;
}

Check littleCheck(const Evidence& evidence) {
    const CellTrials* furthest = nullptr;
    double ratio = 1;
    size_t cells = 0;
    for (const CellTrials& cell : evidence.cells()) {
        if (!keepsConnections(*cell.cell)) continue;
        auto of_cell = littleRatio(evidence, cell);
        if (!of_cell) continue;
        ++cells;
        if (furthest != nullptr && std::abs(*of_cell - 1) <= std::abs(ratio - 1)) continue;
        furthest = &cell;
        ratio = *of_cell;
    }
    if (furthest == nullptr) return notMeasured("V8", kLittlesLaw, "no cell with kept connections has two blocks");
    return {"V8", kLittlesLaw, std::abs(ratio - 1) <= kLittle ? State::Pass : State::Fail,
            print("%zu cells; furthest: throughput x latency = %.3f of the connections (%s)", cells, ratio,
                  furthest->cell->key.c_str())};
}

const char* const kSame = "A/A: two cells that are the same do not differ";

Check sameCheck(const Resolution& resolution) {
    const Estimate& same = resolution.widest(Metric::Cpu);
    if (!same.isKnown()) return notMeasured("V9", kSame, "the run has no two blocks of E0/aa");
    return {"V9", kSame, same.excludes(1) ? State::Fail : State::Pass,
            print("CPU per request %.4f (%.4f to %.4f): differences from %.1f %% on can be seen", same.value,
                  same.low, same.high, Resolution::halfWidth(same) * 100)};
}

const char* const kInjection = "injected calls cost in proportion, R2 > 0.98, and no less than a bare call";

std::string inNanoseconds(const char* what, const Line* line) {
    if (line == nullptr || !line->slope.isKnown()) return std::string(what) + " not measured";
    return print("%s %.0f ns a call (%.0f to %.0f), R2 %.4f", what, line->slope.value * 1000,
                 line->slope.low * 1000, line->slope.high * 1000, line->r_squared);
}

Check injectionCheck(const Evidence& evidence, const Analysis& analysis) {
    const Line* line = injectionLine(analysis.lines);
    auto bare = evidence.constants().find("null_syscall");
    if (line == nullptr || line->x.size() < 3)
        return notMeasured("V10", kInjection, "E0/inject was not measured at three numbers of calls");
    if (!bare) return notMeasured("V10", kInjection, "null_syscall was not calibrated");
    bool is_fine = line->r_squared > kLeastRSquared && line->slope.high >= bare->value;
    return {"V10", kInjection, is_fine ? State::Pass : State::Fail,
            inNanoseconds("CPU", line) + "; " +
                inNanoseconds("latency", lineThrough(analysis.lines, line->cells.front(), Metric::P50)) +
                print("; a bare call %.0f ns", bare->value * 1000)};
}

/// What a reason is about: its figures differ from trial to trial.
std::string kindOf(const std::string& reason) {
    std::string kind = reason.substr(0, reason.find_first_of(":0123456789"));
    kind.erase(kind.find_last_not_of(' ') + 1);
    return kind;
}

/// Rejected trials are measured again, so what counts is the blocks that were left without one.
bool lostTooMuch(const CellTrials& cell) {
    std::set<uint32_t> counted, all;
    for (const Trial* trial : cell.counted) counted.insert(trial->block);
    all = counted;
    for (const Trial* trial : cell.rejected) all.insert(trial->block);
    return static_cast<double>(all.size() - counted.size()) > kMostLost * static_cast<double>(all.size());
}

Check rejectedCheck(const Evidence& evidence) {
    size_t all = 0, rejected = 0;
    std::map<std::string, size_t> kinds;
    std::string worst;
    for (const CellTrials& cell : evidence.cells()) {
        all += cell.counted.size() + cell.rejected.size();
        rejected += cell.rejected.size();
        for (const Trial* trial : cell.rejected)
            for (const std::string& reason : trial->rejected) ++kinds[kindOf(reason)];
        if (lostTooMuch(cell)) worst = cell.cell->key;
    }
    const char* what = "no cell lost more than a third of its blocks to rejected trials";
    if (all == 0) return notMeasured("R", what, "the run has no trials");
    std::string detail = print("%zu of %zu trials rejected", rejected, all);
    for (const auto& [kind, count] : kinds) detail += print("; %s (%zu)", kind.c_str(), count);
    if (!worst.empty()) detail += "; too many of " + worst;
    return {"R", what, worst.empty() ? State::Pass : State::Fail, detail};
}

}  // namespace

std::vector<Check> validityChecks(const Evidence& evidence, const Resolution& resolution,
                                  const Analysis& analysis) {
    return {needsTracing("V1", "the ledger's calls = the tracer's"),
            needsTracing("V2", "two tracers count the same calls, to 0.1 %"),
            needsTracing("V3", "a thread's states add up to its time, to 1 %"),
            bytesCheck(evidence),
            needsTracing("V5", "every traced request has all its hops"),
            needsTracing("V6", "an audited request makes the calls of a traced one"),
            needsTracing("V7", "tracers slow a request down as much as their calibration says"),
            littleCheck(evidence),
            sameCheck(resolution),
            injectionCheck(evidence, analysis),
            notMeasured("V11", "the generator's latency is the engine's and two hops",
                        "trials do not hold the latency that the engine sees"),
            rejectedCheck(evidence)};
}

}  // namespace turnpike::measure
