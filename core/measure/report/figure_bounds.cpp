#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/plot.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

struct Kind {
    const char* name;
    Estimate Bound::*gain;
};
constexpr Kind kKinds[] = {{"kernel thread: without crossings and copies", &Bound::kthread},
                           {"soft interrupt: also without wake-ups (decides the verdict)", &Bound::softirq},
                           {"omniscient: nothing but TCP is left", &Bound::omniscient}};

double percentOf(double factor) { return (factor - 1) * 100; }

/// A bound with its place on the x axis.
struct Placed {
    double x = 0;
    const Bound* bound = nullptr;
};
using Places = std::vector<Placed>;

Series seriesOf(const Places& places, const Kind& kind, size_t number) {
    Series series;
    series.number = number;
    for (const Placed& place : places) {
        const Estimate& gain = place.bound->*kind.gain;
        if (!gain.isKnown()) continue;
        series.points.push_back({place.x, percentOf(gain.value)});
        series.band.push_back({place.x, percentOf(gain.low)});
        series.whiskers.push_back({place.x, percentOf(gain.low), percentOf(gain.high)});
    }
    for (auto whisker = series.whiskers.rbegin(); whisker != series.whiskers.rend(); ++whisker)
        series.band.push_back({whisker->x, whisker->high});
    return series;
}

std::vector<Zone> zonesOf(const Thresholds& thresholds, const Axis& y) {
    const double supported = thresholds.supported * 100, refuted = thresholds.refuted * 100;
    return {{*y.low, supported}, {supported, refuted}, {refuted, *y.high}};
}

/// From the least that is worth seeing to the most that is there; logarithmic, since both are.
Axis gainAxis(const Thresholds& thresholds, const std::vector<Series>& series) {
    constexpr double kLeast = 0.1;
    Axis y;
    y.label = "gain in throughput, at most (%)";
    y.kind = Scale::Kind::Logarithmic;
    double least = thresholds.supported * 20, most = thresholds.refuted * 200;
    for (const Series& one : series)
        for (const Whisker& whisker : one.whiskers) {
            least = std::min(least, whisker.low);
            most = std::max(most, whisker.high);
        }
    y.low = std::max(least, kLeast);
    y.high = roundUp(most);
    return y;
}

std::string tableOf(const Places& places, const std::string& x) {
    Table table("The most that a server in the kernel could gain, as a factor of throughput",
                {x, "kernel thread", "soft interrupt", "omniscient"}, true);
    for (const Placed& place : places)
        table.add({escape(place.bound->content), number(place.bound->kthread), number(place.bound->softirq),
                   number(place.bound->omniscient)});
    return table.html();
}

Figure figureOf(const Analysis& analysis, const Places& places, Axis x, const std::string& name) {
    Figure made;
    Plot plot;
    for (const Kind& kind : kKinds) {
        Series series = seriesOf(places, kind, plot.series.size());
        if (series.points.empty()) continue;
        plot.series.push_back(std::move(series));
        made.keys.push_back({Key::Shape::Line, plot.series.back().number, kind.name});
    }
    for (const Placed& place : places) x.ticks.push_back(place.x);
    plot.y = gainAxis(analysis.thresholds, plot.series);
    plot.zones = zonesOf(analysis.thresholds, plot.y);
    for (const char* zone : {"here claim 1 is supported", "here the gain is material", "here claim 1 is refuted"})
        made.keys.push_back({Key::Shape::Zone, made.keys.size() - plot.series.size(), zone});
    plot.x = x;
    made.id = slug("bound-" + name);
    made.title = "What a web server in the kernel could gain at most: " + name;
    made.description = "Three lines of upper bounds over zones that say what each would mean for the claim.";
    made.note =
        "Estimated: counted crossings, copies and wake-ups times calibrated costs, over measured CPU time; bands "
        "are 95 % "
        "intervals. The scale is logarithmic. A bound is no built server.";
    made.draw = [plot](double width) { return draw(plot, width); };
    made.table = tableOf(places, "content");
    return made;
}

/// Figures of the bounds of one experiment, at the load that says most about capacity, by the value of `facet`.
std::vector<Figure> figuresOf(const Analysis& analysis, const std::string& experiment, const char* facet,
                              const char* factor, const Axis& x, std::string (*name)(const std::string& facet)) {
    auto cellOf = [&](const Bound& bound, LoadKind load) -> const CellSummary* {
        const CellSummary* cell = findCell(analysis, bound.cell);
        return cell != nullptr && cell->cell.experiment == experiment && cell->cell.load == load ? cell : nullptr;
    };
    std::vector<std::pair<std::string, Places>> groups;
    for (LoadKind load : {LoadKind::Saturation, LoadKind::Single}) {
        if (!groups.empty()) break;
        for (const Bound& bound : analysis.bounds) {
            const CellSummary* cell = cellOf(bound, load);
            if (cell == nullptr || !bound.softirq.isKnown()) continue;
            if (experiment == "E1" && factorOf(cell->cell, "send") != "sendfile") continue;
            const std::string value = factorOf(cell->cell, facet);
            auto found = std::find_if(groups.begin(), groups.end(),
                                      [&](const auto& group) { return group.first == value; });
            if (found == groups.end()) found = groups.insert(groups.end(), {value, {}});
            found->second.push_back({numberOf(cell->cell, factor), &bound});
        }
    }
    std::vector<Figure> figures;
    for (auto& [value, places] : groups) {
        std::sort(places.begin(), places.end(), [](const Placed& a, const Placed& b) { return a.x < b.x; });
        if (places.size() > 1) figures.push_back(figureOf(analysis, places, x, name(value)));
    }
    return figures;
}

}  // namespace

std::vector<Figure> mixBoundFigures(const Analysis& analysis) {
    Axis x;
    x.label = factorText("dynamic");
    return figuresOf(analysis, "E9", "page", "dynamic", x, [](const std::string& page) -> std::string {
        return page == "php-db" ? "static files and PHP pages with queries" : "static files and PHP pages";
    });
}

std::vector<Figure> staticBoundFigures(const Analysis& analysis) {
    Axis x;
    x.label = factorText("size");
    x.kind = Scale::Kind::Logarithmic;
    x.text = [](double bytes) { return sizeText(bytes); };
    return figuresOf(analysis, "E1", "connection", "size", x, [](const std::string& connection) -> std::string {
        return connection == "kept" ? "static files, connections kept" : "static files, a connection for each";
    });
}

}  // namespace turnpike::measure::report
