#include <algorithm>
#include <numeric>

#include "measure/analysis/claims.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using Level = Verdict::Level;

const char* const kClaim =
    "Crossing between kernel and user space is never the bottleneck of a userland web server.";

/// Which contents the claim is judged by: static files at their best, a PHP page, a page with queries, the mixes.
bool isJudged(const Cell& cell) {
    if (cell.experiment == "E1") return factorOf(cell, "send") == "sendfile";
    if (cell.experiment == "E5")
        return factorOf(cell, "backend") == "php-fpm" && factorOf(cell, "transport") == "unix" &&
               factorOf(cell, "connection") == "kept";
    if (cell.experiment == "E6") return factorOf(cell, "php") == "pool";
    if (cell.experiment == "E7")
        return factorOf(cell, "queries") == "5" && factorOf(cell, "database") == "mariadb-unix" &&
               factorOf(cell, "connection") == "persistent";
    return cell.experiment == "E9";
}

constexpr Conclusions kConclusions{"crossing is not the bottleneck", "crossing is a material part of the cost",
                                   "crossing can be the bottleneck"};

std::string sentenceOf(const Judge& judge, const Bound& bound, const CellSummary& cell, const Verdict& verdict) {
    if (!bound.softirq.isKnown())
        return "For " + bound.content + " no bound is known." + judge.closing(verdict, bound.missing);
    std::string text = "For " + bound.content + ", a web server in the kernel could answer at most " +
                       change(bound.softirq) + " more requests with the same CPU" +
                       kConclusions.of(verdict.level) + ".";
    double calls = std::accumulate(cell.calls.begin(), cell.calls.end(), 0.0);
    text += " Estimated from " + figure(calls) + " counted crossings a request.";
    if (bound.latency_softirq.isKnown())
        text += " Its answers would come at most " + change(bound.latency_softirq) + " faster.";
    return text + judge.closing(verdict, bound.missing);
}

/// A cell under saturation says what capacity costs; one with a single connection stands in where there is none.
bool hasSaturatedTwin(const Analysis& analysis, const Cell& cell) {
    return std::any_of(analysis.cells.begin(), analysis.cells.end(), [&](const CellSummary& other) {
        return other.cell.load == LoadKind::Saturation && other.cell.experiment == cell.experiment &&
               other.cell.factors == cell.factors && other.trials > 0;
    });
}

}  // namespace

std::vector<Verdict> judgeCrossing(const Judge& judge) {
    std::vector<Verdict> verdicts;
    for (const Bound& bound : judge.analysis().bounds) {
        const CellSummary& cell = *findCell(judge.analysis(), bound.cell);
        if (!isJudged(cell.cell)) continue;
        if (cell.cell.load == LoadKind::Single && hasSaturatedTwin(judge.analysis(), cell.cell)) continue;
        Verdict verdict{1,
                        kClaim,
                        bound.content,
                        judge.ofGain(bound.softirq),
                        bound.softirq,
                        "throughput, softirq bound (estimated)",
                        {}};
        verdict.sentence = sentenceOf(judge, bound, cell, verdict);
        verdicts.push_back(std::move(verdict));
    }
    return verdicts;
}

}  // namespace turnpike::measure
