#include <cmath>
#include <limits>

#include "measure/analysis/bill.h"
#include "measure/analysis/bounds.h"
#include "measure/analysis/claims.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using Level = Verdict::Level;

const char* const kClaim = "Accept filters at least reduce the need for invalid requests to enter userland.";
/// A share that may as well be half as much again says nothing.
constexpr double kMostUncertain = 0.5;
constexpr const char* kClients[] = {"abandoned", "garbage", "slow", "split"};

/// Times that a connection made the engine enter or leave the kernel: it was woken, took it, read from it.
Series entriesOf(const Evidence& evidence, const CellTrials& cell) {
    return evidence.series(cell, [&](const Trial& trial) -> std::optional<double> {
        auto accepts = extraOf(*cell.cell, trial, "accepts"), wakeups = extraOf(*cell.cell, trial, "wakeups");
        auto reads = extraOf(*cell.cell, trial, "client_reads");
        if (!accepts || !wakeups || !reads) return std::nullopt;
        return *accepts + *wakeups + *reads;
    });
}

/// What the filter saved of a connection's CPU, over what the softirq server would save of it.
Estimate shareOfBound(const Judge& judge, const CellTrials& without, const CellTrials& with) {
    const Evidence& evidence = judge.evidence();
    Bill bill = billOf(evidence, without, callPrice(evidence, judge.analysis().lines));
    return evidence.combined({evidence.series(without, Metric::Cpu), evidence.series(with, Metric::Cpu),
                              evidence.series(without, Metric::Engine)},
                             [&](std::span<const double> us) {
                                 double most = softirqSaving(bill, us[2]);
                                 return most > 0 ? (us[0] - us[1]) / most
                                                 : std::numeric_limits<double>::quiet_NaN();
                             });
}

constexpr Conclusions kConclusions{"the filter keeps them out of userland", "the filter keeps some of them out",
                                   "the filter does not keep them out"};

std::string sentenceOf(const Judge& judge, const CellTrials& without, const CellTrials& with,
                       const Verdict& verdict) {
    const Evidence& evidence = judge.evidence();
    std::string text = "With TCP_DEFER_ACCEPT, " + verdict.content;
    if (verdict.gain.isKnown()) {
        auto perConnection = [&](const CellTrials& cell) {
            Series entries = entriesOf(evidence, cell);
            return figure(evidence.combined({entries}, [](auto means) { return means[0]; }).value);
        };
        text += " made the server accept, wake up and read " + perConnection(with) + " times each, without it " +
                perConnection(without) + " times";
    }
    text += kConclusions.of(verdict.level) + ".";
    Estimate of_bound = shareOfBound(judge, without, with);
    if (of_bound.isKnown() && of_bound.high - of_bound.low <= kMostUncertain)
        text += " Of what a server in the kernel would save there, the filter saves " + share(of_bound) +
                " (softirq bound, estimated).";
    else
        text += " What that saves of their CPU is too uncertain to be told.";
    return text + judge.closing(verdict, "accepts, wake-ups and reads of E3");
}

/// A connection that no longer enters userland at all leaves 0: no logarithm, so a ratio of means.
Estimate restOf(const Evidence& evidence, const CellTrials& without, const CellTrials& with) {
    return evidence.combined({entriesOf(evidence, without), entriesOf(evidence, with)},
                             [](std::span<const double> entries) { return entries[1] / entries[0]; });
}

}  // namespace

std::vector<Verdict> judgeFilters(const Judge& judge) {
    std::vector<Verdict> verdicts;
    for (const char* client : kClients)
        for (const CellTrials* without : judge.evidence().select("E3", {{"filter", "none"}, {"client", client}})) {
            const CellTrials* with = judge.evidence().sibling(*without->cell, {{"filter", "defer_accept"}});
            if (with == nullptr || without->counted.empty() || with->counted.empty()) continue;
            Estimate rest = restOf(judge.evidence(), *without, *with);
            Verdict verdict{3,
                            kClaim,
                            contentOf(*without->cell),
                            judge.ofRest(rest),
                            rest,
                            "entries into userland per connection, with the filter over without",
                            {}};
            verdict.sentence = sentenceOf(judge, *without, *with, verdict);
            verdicts.push_back(std::move(verdict));
        }
    return verdicts;
}

}  // namespace turnpike::measure
