#include "measure/analysis/effects.h"

#include <cmath>
#include <limits>

#include "measure/analysis/lines.h"
#include "measure/stats/summary.h"

namespace turnpike::measure {
namespace {

constexpr Metric kMetrics[] = {Metric::Cpu, Metric::P50, Metric::Throughput};

/// The one factor in which two cells differ; empty when they differ in none, in several, or in what they have.
std::string onlyDifference(const Cell& a, const Cell& b) {
    if (a.experiment != b.experiment || a.load != b.load || a.factors.size() != b.factors.size()) return {};
    std::string difference;
    for (const auto& [factor, value] : a.factors) {
        auto other = b.factors.find(factor);
        if (other == b.factors.end()) return {};
        if (other->second == value) continue;
        if (!difference.empty()) return {};
        difference = factor;
    }
    return difference;
}

const CellTrials* byKey(const Evidence& evidence, const std::string& key) {
    for (const CellTrials& cell : evidence.cells())
        if (cell.cell->key == key) return &cell;
    return nullptr;
}

}  // namespace

Resolution::Resolution(const Evidence& evidence) {
    for (LoadKind load : {LoadKind::Single, LoadKind::Saturation}) {
        const CellTrials* first = evidence.find("E0", {{"probe", "aa"}, {"arm", "1"}}, load);
        const CellTrials* second = evidence.find("E0", {{"probe", "aa"}, {"arm", "2"}}, load);
        if (first == nullptr || second == nullptr) continue;
        auto i = static_cast<size_t>(load);
        cpu_.of[i] = evidence.ratio(*first, *second, Metric::Cpu);
        p50_.of[i] = evidence.ratio(*first, *second, Metric::P50);
        throughput_.of[i] = evidence.ratio(*first, *second, Metric::Throughput);
    }
}

const Resolution::Pair& Resolution::pairOf(Metric metric) const {
    if (metric == Metric::Throughput) return throughput_;
    return metric == Metric::P50 || metric == Metric::P99 || metric == Metric::Mean ? p50_ : cpu_;
}

const Estimate& Resolution::same(Metric metric, LoadKind load) const {
    const Pair& pair = pairOf(metric);
    auto wanted = static_cast<size_t>(load);
    return pair.of[wanted].isKnown() ? pair.of[wanted] : pair.of[1 - wanted];
}

const Estimate& Resolution::widest(Metric metric) const {
    const Estimate& single = same(metric, LoadKind::Single);
    const Estimate& saturation = same(metric, LoadKind::Saturation);
    return halfWidth(single) >= halfWidth(saturation) ? single : saturation;
}

bool Resolution::detects(const Estimate& ratio, Metric metric, LoadKind load) const {
    return shows(ratio, same(metric, load));
}

bool Resolution::shows(const Estimate& ratio, const Estimate& chance) {
    // In logarithms, so that a hundredth is as far from 1 as a hundredfold.
    return chance.isKnown() && ratio.excludes(1) &&
           std::abs(std::log(ratio.value)) > std::log1p(leastGain(chance));
}

double Resolution::leastGain(const Estimate& chance) {
    return chance.low > 0 ? std::sqrt(chance.high / chance.low) - 1 : std::numeric_limits<double>::infinity();
}

std::vector<Effect> effectsOf(const Evidence& evidence, const Resolution& resolution) {
    std::vector<Effect> effects;
    const std::vector<CellTrials>& cells = evidence.cells();
    for (size_t i = 0; i < cells.size(); ++i)
        for (size_t j = i + 1; j < cells.size(); ++j) {
            const Cell &a = *cells[i].cell, &b = *cells[j].cell;
            std::string factor = onlyDifference(a, b);
            if (factor.empty() || isNumeric(factor)) continue;
            for (Metric metric : kMetrics) {
                Effect effect{a.experiment,
                              factor,
                              a.factors.at(factor),
                              b.factors.at(factor),
                              a.key,
                              b.key,
                              name(metric),
                              a.load,
                              evidence.ratio(cells[i], cells[j], metric),
                              false};
                effect.is_detectable = resolution.detects(effect.ratio, metric, a.load);
                effects.push_back(std::move(effect));
            }
        }
    return effects;
}

Estimate pooled(const Evidence& evidence, const std::vector<Effect>& effects, const Step& step, Metric metric,
                LoadKind load) {
    std::map<uint32_t, std::vector<double>> logarithms;
    for (const Effect& effect : effects) {
        bool is_forward = effect.from == step.from && effect.to == step.to;
        bool is_backward = effect.from == step.to && effect.to == step.from;
        if (effect.experiment != step.experiment || effect.factor != step.factor || effect.load != load ||
            effect.metric != name(metric) || !(is_forward || is_backward))
            continue;
        Series from = evidence.series(*byKey(evidence, is_forward ? effect.a : effect.b), metric);
        Series to = evidence.series(*byKey(evidence, is_forward ? effect.b : effect.a), metric);
        for (const auto& [block, value] : from)
            if (auto other = to.find(block); other != to.end())
                logarithms[block].push_back(std::log(other->second / value));
    }
    Series ones, ratios;
    for (const auto& [block, of] : logarithms) {
        ones[block] = 1;
        ratios[block] = std::exp(mean(of));
    }
    return evidence.ratio(ones, ratios);
}

}  // namespace turnpike::measure
