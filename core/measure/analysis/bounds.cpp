#include "measure/analysis/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "measure/analysis/text.h"

namespace turnpike::measure {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
using End = double Price::*;

double priceOr(const std::optional<Price>& price, End end, double otherwise) {
    return price ? (*price).*end : otherwise;
}

/// What TCP costs is subtracted: its low end goes with the high one of the rest.
End opposite(End end) {
    if (end == &Price::low) return &Price::high;
    return end == &Price::high ? &Price::low : end;
}

double kthreadSaving(const Bill& bill, double engine_us, End end) {
    return std::min(priceOr(bill.kthread, end, kUnknown), engine_us);
}

/// All of the engine but TCP's own work; that is never more than the engine leaves after its crossings.
double omniscientSaving(const Bill& bill, double engine_us, End end) {
    if (!bill.tcp_least) return kUnknown;
    return std::max(kthreadSaving(bill, engine_us, end), engine_us - (*bill.tcp_least).*opposite(end));
}

/// A saving as a function of the engine's CPU, for one end of the prices.
using Saving = std::function<double(double engine_us, End end)>;

/// whole / (whole - saving), whole and engine being means over blocks.
Estimate gain(const Evidence& evidence, const Series& whole, const Series& engine, const Saving& saving, End end) {
    Estimate logarithm = evidence.combined({whole, engine}, [&](std::span<const double> means) {
        double saved = saving(means[1], end);
        return saved < means[0] ? std::log(means[0] / (means[0] - saved)) : kUnknown;
    });
    if (!logarithm.isKnown()) return {};
    return {std::exp(logarithm.value), std::exp(logarithm.low), std::exp(logarithm.high), logarithm.n};
}

/// The interval over blocks, widened by what the prices themselves are not known to.
Estimate gainOf(const Evidence& evidence, const Series& whole, const Series& engine, const Saving& saving) {
    Estimate middle = gain(evidence, whole, engine, saving, &Price::value);
    Estimate cheap = gain(evidence, whole, engine, saving, &Price::low);
    Estimate dear = gain(evidence, whole, engine, saving, &Price::high);
    if (!middle.isKnown() || !cheap.isKnown() || !dear.isKnown()) return {};
    return {middle.value, std::min(middle.low, cheap.low), std::max(middle.high, dear.high), middle.n};
}

bool isControl(const Cell& cell) {
    return factorOf(cell, "program") == "in-process" || factorOf(cell, "backend") == "in-process";
}

bool hasBound(const Cell& cell) {
    static constexpr const char* kExperiments[] = {"E1", "E4", "E5", "E6", "E7", "E9"};
    return std::find(std::begin(kExperiments), std::end(kExperiments), cell.experiment) !=
               std::end(kExperiments) &&
           !isControl(cell);
}

void addLatency(const Evidence& evidence, const CellTrials& cell, const Bill& bill, Bound* bound) {
    Series latency = evidence.series(cell, Metric::P50), engine = evidence.series(cell, Metric::Engine);
    auto wakes = [&bill](double saved, End end) {  // what a wake-up takes longer than it costs
        return saved + priceOr(bill.softirq_latency, end, kUnknown) - priceOr(bill.softirq, end, kUnknown);
    };
    bound->latency_kthread = gainOf(
        evidence, latency, engine, [&](double engine_us, End end) { return kthreadSaving(bill, engine_us, end); });
    bound->latency_softirq = gainOf(evidence, latency, engine, [&](double engine_us, End end) {
        return wakes(softirqSaving(bill, engine_us, end), end);
    });
    bound->latency_omniscient = gainOf(evidence, latency, engine, [&](double engine_us, End end) {
        return wakes(omniscientSaving(bill, engine_us, end), end);
    });
}

}  // namespace

double softirqSaving(const Bill& bill, double engine_us, double Price::*pick) {
    double estimated = priceOr(bill.softirq, pick, kUnknown);
    double most = bill.tcp_least ? omniscientSaving(bill, engine_us, pick) : engine_us;
    return std::min(estimated, most);
}

Bound boundOf(const Evidence& evidence, const CellTrials& cell, const std::optional<Price>& call_price) {
    Bound bound;
    bound.content = contentOf(*cell.cell);
    bound.cell = cell.cell->key;
    if (cell.cell->experiment == "E9") bound.dynamic_share = numberOf(*cell.cell, "dynamic") / 100;
    Bill bill = billOf(evidence, cell, call_price);
    bound.missing = bill.missing;
    Series cpu = evidence.series(cell, Metric::Cpu), engine = evidence.series(cell, Metric::Engine);
    bound.kthread = gainOf(evidence, cpu, engine,
                           [&](double engine_us, End end) { return kthreadSaving(bill, engine_us, end); });
    bound.softirq = gainOf(evidence, cpu, engine,
                           [&](double engine_us, End end) { return softirqSaving(bill, engine_us, end); });
    bound.omniscient = gainOf(evidence, cpu, engine,
                              [&](double engine_us, End end) { return omniscientSaving(bill, engine_us, end); });
    if (cell.cell->load == LoadKind::Single) addLatency(evidence, cell, bill, &bound);
    return bound;
}

std::vector<Bound> boundsOf(const Evidence& evidence, const std::optional<Price>& call_price) {
    std::vector<Bound> bounds;
    for (const CellTrials& cell : evidence.cells())
        if (hasBound(*cell.cell) && !cell.counted.empty()) bounds.push_back(boundOf(evidence, cell, call_price));
    return bounds;
}

}  // namespace turnpike::measure
