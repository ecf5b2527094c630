#include <limits>

#include "measure/analysis/claims.h"
#include "measure/analysis/lines.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

using Level = Verdict::Level;

const char* const kClaim = "The loopback hops of LAMP are a cost that people accept.";

constexpr Conclusions kConclusions{"a small price", "a price that can be felt", "a high price"};

/// What the page takes over what it would take without the hop; means over blocks.
Estimate gainWithoutHop(const Evidence& evidence, const CellTrials& page, const CellTrials& hop,
                        const CellTrials& control) {
    auto p50 = [&](const CellTrials& cell) { return evidence.series(cell, Metric::P50); };
    return evidence.combined({p50(page), p50(hop), p50(control)}, [](std::span<const double> us) {
        double rest = us[0] - (us[1] - us[2]);
        return rest > 0 ? us[0] / rest : std::numeric_limits<double>::quiet_NaN();
    });
}

Estimate difference(const Evidence& evidence, const CellTrials& more, const CellTrials& less, Metric metric) {
    return evidence.combined({evidence.series(more, metric), evidence.series(less, metric)},
                             [](std::span<const double> means) { return means[0] - means[1]; });
}

std::string priceOfHop(const Evidence& evidence, const CellTrials& hop, const CellTrials* control) {
    if (control == nullptr) return "has no price yet";
    return "costs " + withInterval(difference(evidence, hop, *control, Metric::P50), "us") + " of time and " +
           withInterval(difference(evidence, hop, *control, Metric::Cpu), "us") + " of CPU";
}

/// A responder that does nothing but answer, against the same answer without a hop, is the hop.
Verdict judgeFastCgi(const Judge& judge, const CellTrials& hop) {
    const Evidence& evidence = judge.evidence();
    const CellTrials* control =
        evidence.sibling(*hop.cell, {{"backend", "in-process"}, {"transport", "none"}, {"connection", "none"}});
    const CellTrials* page = evidence.sibling(*hop.cell, {{"backend", "php-fpm"}});
    Verdict verdict{4, kClaim, {}, Level::NoEvidence, {}, "p50 of a PHP page over that without the hop", {}};
    verdict.content = "FastCGI hop of a PHP page (" + factorOf(*hop.cell, "transport") + ", connection " +
                      factorOf(*hop.cell, "connection") + ", " + sizeText(numberOf(*hop.cell, "body")) + ")";
    if (control != nullptr && page != nullptr) verdict.gain = gainWithoutHop(evidence, *page, hop, *control);
    verdict.level = judge.ofGain(verdict.gain);
    verdict.sentence = "The " + verdict.content + " " + priceOfHop(evidence, hop, control);
    if (verdict.gain.excludes(1)) verdict.sentence += ", and makes the page " + change(verdict.gain) + " slower";
    verdict.sentence +=
        kConclusions.of(verdict.level) + "." + judge.closing(verdict, "php-fpm or the in-process control of E5");
    return verdict;
}

/// "costs 48.0 us (47.1 to 48.9) of time, 7.5 % of the page, and ... of CPU"; empty when the page was not measured
/// with several numbers of queries.
std::string priceOfQuery(const Judge& judge, const CellTrials& page) {
    const Line* time = lineThrough(judge.analysis().lines, page.cell->key, Metric::P50);
    const Line* cpu = lineThrough(judge.analysis().lines, page.cell->key, Metric::Cpu);
    Estimate whole = judge.evidence().mean(page, Metric::P50);
    if (time == nullptr || cpu == nullptr || !whole.isKnown()) return {};
    return "costs " + withInterval(time->slope, "us") + " of time, " +
           print("%.1f", 100 * time->slope.value / whole.value) + " % of the page, and " +
           withInterval(cpu->slope, "us") + " of CPU";
}

std::string comparisonOf(const Estimate& gain) {
    if (!gain.isKnown()) return "nothing to compare it with";
    if (!gain.excludes(1)) return "the page does not surely take longer than with SQLite";
    return "the page takes " + change(gain) + " longer than with SQLite";
}

/// The page with its queries against the same page with a database in its own process.
Verdict judgeQueries(const Judge& judge, const CellTrials& page) {
    const Evidence& evidence = judge.evidence();
    const CellTrials* local = evidence.sibling(*page.cell, {{"database", "sqlite"}});
    Verdict verdict{4, kClaim, contentOf(*page.cell), Level::NoEvidence, {}, "p50 over that with SQLite", {}};
    verdict.sentence = verdict.content + ": ";
    if (const std::string price = priceOfQuery(judge, page); !price.empty())
        verdict.sentence += "a query " + price + "; ";
    if (local != nullptr) {
        verdict.gain = evidence.ratio(*local, page, Metric::P50);
        const std::string price = priceOfQuery(judge, *local);
        if (!price.empty()) verdict.sentence += "in SQLite it " + price + "; ";
    }
    verdict.level = judge.ofGain(verdict.gain);
    verdict.sentence += comparisonOf(verdict.gain);
    verdict.sentence += kConclusions.of(verdict.level) + "." + judge.closing(verdict, "the same page with SQLite");
    return verdict;
}

/// A page by php-fpm against the same page where no socket is on the way.
Verdict judgeSocket(const Judge& judge, const CellTrials& embedded) {
    const Evidence& evidence = judge.evidence();
    const CellTrials* fpm = evidence.sibling(*embedded.cell, {{"php", "fpm-unix"}});
    Verdict verdict{4, kClaim, {}, Level::NoEvidence, {}, "p50 of a PHP page by php-fpm over that without", {}};
    const bool is_inline = factorOf(*embedded.cell, "php") == "inline";
    verdict.content = std::string("PHP by php-fpm, against PHP ") +
                      (is_inline ? "in the worker" : "over shared memory") + " (" +
                      sizeText(numberOf(*embedded.cell, "body")) + ")";
    if (fpm != nullptr) verdict.gain = evidence.ratio(embedded, *fpm, Metric::P50);
    verdict.level = judge.ofGain(verdict.gain);
    verdict.sentence = verdict.content + ": the socket ";
    verdict.sentence += fpm != nullptr ? priceOfHop(evidence, *fpm, &embedded) : "has no price yet";
    if (verdict.gain.excludes(1)) verdict.sentence += ", and makes the page " + change(verdict.gain) + " slower";
    verdict.sentence +=
        kConclusions.of(verdict.level) + "." + judge.closing(verdict, "the same page by php-fpm (E6)");
    return verdict;
}

}  // namespace

std::vector<Verdict> judgeHops(const Judge& judge) {
    std::vector<Verdict> verdicts;
    for (const CellTrials* hop : judge.evidence().select("E5", {{"backend", "responder"}, {"body", "1024"}}))
        if (hop->cell->load == LoadKind::Single && !hop->counted.empty())
            verdicts.push_back(judgeFastCgi(judge, *hop));
    for (const char* way : {"pool", "inline"})
        for (const CellTrials* page : judge.evidence().select("E6", {{"php", way}, {"body", "1024"}}))
            if (page->cell->load == LoadKind::Single && !page->counted.empty())
                verdicts.push_back(judgeSocket(judge, *page));
    for (const char* database : {"mariadb-unix", "mariadb-tcp"})
        for (const CellTrials* page : judge.evidence().select("E7", {{"database", database}, {"queries", "5"}}))
            if (page->cell->load == LoadKind::Single && !page->counted.empty())
                verdicts.push_back(judgeQueries(judge, *page));
    return verdicts;
}

}  // namespace turnpike::measure
