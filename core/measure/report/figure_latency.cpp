#include <algorithm>
#include <cmath>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/plot.h"
#include "measure/report/words.h"
#include "measure/stats/ecdf.h"

namespace turnpike::measure::report {
namespace {

constexpr double kPercents[] = {0.5, 1,  2,  5,  10, 15, 20, 25, 30, 35, 40,   45, 50,   55,   60,   65,  70,
                                75,  80, 85, 90, 92, 94, 95, 96, 97, 98, 98.5, 99, 99.3, 99.6, 99.8, 99.9};

std::vector<const Histogram*> histogramsOf(const std::vector<Trial>& trials, const std::string& cell) {
    std::vector<const Histogram*> histograms;
    for (const Trial& trial : trials)
        if (trial.cell == cell && trial.rejected.empty() && trial.latency_ns.count() > 0)
            histograms.push_back(&trial.latency_ns);
    return histograms;
}

std::vector<EcdfPoint> curveOf(const Analysis& analysis, const std::vector<Trial>& trials,
                               const std::string& cell) {
    const auto histograms = histogramsOf(trials, cell);
    if (histograms.size() < 2) return {};
    constexpr size_t kEnough = 2000;  // draws, for a band that is looked at
    std::vector<EcdfPoint> points =
        ecdf(Draws(histograms.size(), analysis.run.seed, kEnough), histograms, kPercents);
    for (EcdfPoint& point : points)
        for (double* ns : {&point.value.value, &point.value.low, &point.value.high}) *ns /= 1e3;
    return points;
}

/// The curve never falls, so what is known of one percentile bounds the others: the lower end of the band cannot
/// be below that of a smaller percentile, the upper end not above that of a larger one.
void narrowBand(std::vector<EcdfPoint>& curve) {
    for (size_t i = 1; i < curve.size(); ++i)
        curve[i].value.low = std::max(curve[i].value.low, curve[i - 1].value.low);
    for (size_t i = curve.size() - 1; i > 0; --i)
        curve[i - 1].value.high = std::min(curve[i - 1].value.high, curve[i].value.high);
}

Series seriesOf(std::vector<EcdfPoint> curve, size_t number) {
    narrowBand(curve);
    Series series;
    series.number = number;
    series.has_markers = false;
    std::vector<Point> back;
    for (const EcdfPoint& point : curve) {
        series.points.push_back({point.value.value, point.percent});
        series.band.push_back({point.value.low, point.percent});
        back.push_back({point.value.high, point.percent});
    }
    series.band.insert(series.band.end(), back.rbegin(), back.rend());
    return series;
}

std::string tableOf(const std::vector<std::string>& names, const std::vector<std::vector<EcdfPoint>>& curves) {
    Table table("Latency, µs", {"of all requests", names[0], names[1]}, true);
    for (size_t i = 0; i < curves[0].size(); ++i) {
        const double percent = curves[0][i].percent;
        if (percent == 1 || percent == 10 || percent == 50 || percent == 90 || percent >= 99)
            table.add({print("%g %%", percent), number(curves[0][i].value), number(curves[1][i].value)});
    }
    return table.html();
}

/// Of each factor the effect on the median latency that is furthest from none.
std::vector<const Effect*> strongest(const Analysis& analysis, const std::string& experiment) {
    std::vector<const Effect*> chosen;
    for (const Effect& effect : analysis.effects) {
        if (!isQuestion(effect) || effect.experiment != experiment || effect.metric != "p50" ||
            effect.load != LoadKind::Single || !effect.is_detectable)
            continue;
        auto found = std::find_if(chosen.begin(), chosen.end(),
                                  [&](const Effect* e) { return e->factor == effect.factor; });
        if (found == chosen.end())
            chosen.push_back(&effect);
        else if (std::abs(std::log(effect.ratio.value)) > std::abs(std::log((*found)->ratio.value)))
            *found = &effect;
    }
    return chosen;
}

std::optional<Figure> figureOf(const Analysis& analysis, const std::vector<Trial>& trials, const Effect& effect) {
    const std::vector<std::vector<EcdfPoint>> curves = {curveOf(analysis, trials, effect.a),
                                                        curveOf(analysis, trials, effect.b)};
    if (curves[0].empty() || curves[1].empty()) return std::nullopt;
    Plot plot;
    plot.x.label = "latency (µs)";
    plot.x.kind = Scale::Kind::Logarithmic;
    for (const auto& curve : curves) {  // bands may go on beyond
        plot.x.low = std::min(plot.x.low.value_or(curve.front().value.value), curve.front().value.value / 1.1);
        plot.x.high = std::max(plot.x.high.value_or(0), curve.back().value.value * 1.1);
    }
    plot.y.label = "of all requests (%)";
    plot.y.low = 0;
    plot.y.high = 100;
    plot.y.ticks = {0, 10, 25, 50, 75, 90, 100};
    Figure made;
    std::vector<std::string> names;
    for (const std::string& key : {effect.a, effect.b}) {
        const CellSummary* cell = findCell(analysis, key);
        names.push_back(cell == nullptr ? key : labelOf(cell->cell));
        plot.series.push_back(seriesOf(curves[plot.series.size()], plot.series.size()));
        made.keys.push_back({Key::Shape::Curve, made.keys.size(), names.back()});
    }
    made.id = slug(effect.experiment + "-latency-" + effect.factor);
    made.title = "How latencies are distributed: " + effect.factor;
    made.description = "Two rising curves with bands: the share of requests that took no longer than a latency.";
    made.note = "The two cells between which " + effect.factor +
                " makes the largest difference; one connection. Up to 99.9 % of all requests; the band is the 95 "
                "% interval over "
                "blocks, the scale logarithmic.";
    made.draw = [plot](double width) { return draw(plot, width); };
    made.table = tableOf(names, curves);
    return made;
}

}  // namespace

std::vector<Figure> latencyFigures(const Analysis& analysis, const std::vector<Trial>& trials,
                                   const std::string& experiment) {
    std::vector<Figure> figures;
    for (const Effect* effect : strongest(analysis, experiment))
        if (auto figure = figureOf(analysis, trials, *effect)) figures.push_back(std::move(*figure));
    return figures;
}

}  // namespace turnpike::measure::report
