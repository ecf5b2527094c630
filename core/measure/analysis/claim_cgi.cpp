#include "measure/analysis/checks.h"
#include "measure/analysis/claims.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using Level = Verdict::Level;

const char* const kClaim = "CGI has the same handicap in a server inside the kernel.";

constexpr Conclusions kConclusions{"the handicap is the process, and a server in the kernel has it too",
                                   "a server in the kernel would have most of the handicap, but not all",
                                   "a server in the kernel would not have this handicap"};

std::string sentenceOf(const Judge& judge, const Bound& bound, const Estimate& process, const Verdict& verdict) {
    std::string text = bound.content + ": ";
    if (process.isKnown()) text += share(process) + " of a request's CPU is the process that it starts; ";
    if (bound.softirq.isKnown())
        text += "a web server in the kernel, which must start it as well, could answer at most " +
                change(bound.softirq) + " more requests with the same CPU" + kConclusions.of(verdict.level) + ".";
    else
        text += "no bound is known.";
    return text + judge.closing(verdict, bound.missing);
}

}  // namespace

std::vector<Verdict> judgeCgi(const Judge& judge) {
    std::vector<Verdict> verdicts;
    for (const CellTrials* cell : judge.evidence().select("E4", {}))
        for (const Bound& bound : judge.analysis().bounds) {
            if (bound.cell != cell->cell->key || cell->cell->load != LoadKind::Single) continue;
            Verdict verdict{2,
                            kClaim,
                            bound.content,
                            judge.ofGain(bound.softirq),
                            bound.softirq,
                            "throughput, softirq bound (estimated)",
                            {}};
            verdict.sentence = sentenceOf(judge, bound, processShare(judge.evidence(), *cell), verdict);
            verdicts.push_back(std::move(verdict));
        }
    return verdicts;
}

}  // namespace turnpike::measure
