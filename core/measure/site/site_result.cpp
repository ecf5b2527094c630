#include "measure/site/site_result.h"

#include "measure/analysis/effects.h"
#include "measure/analysis/evidence.h"
#include "measure/experiment/judge.h"

namespace turnpike::measure {
namespace {

/// The cells of one way.
struct Pair {
    const CellTrials *single = nullptr, *saturation = nullptr;
};

Pair cellsOf(const Evidence& evidence, const std::string& way) {
    return {evidence.find(kSiteExperiment, {{"way", way.c_str()}}, LoadKind::Single),
            evidence.find(kSiteExperiment, {{"way", way.c_str()}}, LoadKind::Saturation)};
}

unsigned disturbedOf(const Pair& cells) {
    unsigned count = 0;
    for (const CellTrials* cell : {cells.single, cells.saturation})
        for (const Trial* trial : cell->counted)
            if (trial->steal_share > kMostSteal || trial->foreign_share > kMostForeign) ++count;
    return count;
}

class Comparer {
 public:
    Comparer(const Evidence& evidence, const std::string& now, SiteResult& to)
        : evidence_(evidence), now_(cellsOf(evidence, now)), to_(to) {
        const Pair again = cellsOf(evidence, kAgain);
        to.same_throughput = evidence.ratio(*now_.saturation, *again.saturation, Metric::Throughput);
        to.same_p50 = evidence.ratio(*now_.single, *again.single, Metric::P50);
        to.same_cpu = evidence.ratio(*now_.single, *again.single, Metric::Cpu);
    }

    /// `has_cpu`: that of both ways is known whole.
    void compare(WayResult& way, bool has_cpu) const {
        const Pair cells = cellsOf(evidence_, way.way.name);
        way.throughput = contrastOf(evidence_.ratio(*now_.saturation, *cells.saturation, Metric::Throughput),
                                    to_.same_throughput, true);
        way.p50 = contrastOf(evidence_.ratio(*now_.single, *cells.single, Metric::P50), to_.same_p50, false);
        if (has_cpu)
            way.cpu = contrastOf(evidence_.ratio(*now_.single, *cells.single, Metric::Cpu), to_.same_cpu, false);
    }

 private:
    const Evidence& evidence_;
    const Pair now_;
    SiteResult& to_;
};

}  // namespace

const char* name(Contrast::Level level) {
    static constexpr const char* kNames[] = {"unknown", "alike", "better", "worse"};
    return kNames[static_cast<size_t>(level)];
}

Contrast contrastOf(const Estimate& ratio, const Estimate& chance, bool is_more_better) {
    Contrast contrast{Contrast::Level::Unknown, ratio};
    if (!ratio.isKnown() || !chance.isKnown()) return contrast;
    contrast.level = Contrast::Level::Alike;
    if (Resolution::shows(ratio, chance))
        contrast.level = (ratio.value > 1) == is_more_better ? Contrast::Level::Better : Contrast::Level::Worse;
    return contrast;
}

SiteResult resultOf(const Choice& choice, const Admitted& admitted, const Run& run, const std::vector<Cell>& cells,
                    const std::vector<Trial>& trials) {
    const Analysis analysis = analyse(run, cells, trials);
    const Evidence evidence(run, cells, trials);
    SiteResult result;
    result.site = choice.site->name;
    result.host = choice.host;
    result.target = choice.target;
    result.blocks = run.blocks;
    result.left_out = admitted.left_out;
    const Way& now = admitted.ways.front();
    const Comparer comparer(evidence, now.name, result);
    for (const Way& way : admitted.ways) {
        WayResult& to = result.ways.emplace_back();
        to.way = way;
        const Pair pair = cellsOf(evidence, way.name);
        to.single = *findCell(analysis, pair.single->cell->key);
        to.saturation = *findCell(analysis, pair.saturation->cell->key);
        to.disturbed = disturbedOf(pair);
        if (!way.is_now) comparer.compare(to, !way.is_external && !now.is_external);
    }
    return result;
}

}  // namespace turnpike::measure
