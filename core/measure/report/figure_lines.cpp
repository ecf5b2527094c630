#include <algorithm>
#include <cctype>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/plot.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

constexpr const char* kControl = "in-process";

/// The factor that gets a figure for each of its values, so that no figure has more than six lines.
std::string facetOf(const std::string& experiment) {
    if (experiment == "E5") return "backend";
    if (experiment == "E7" || experiment == "E1") return "connection";
    return "";
}

using Lines = std::vector<const Line*>;

std::string facetValue(const Analysis& analysis, const Line& line, const std::string& facet) {
    const CellSummary* cell = line.cells.empty() ? nullptr : findCell(analysis, line.cells.front());
    return cell == nullptr || facet.empty() ? "" : factorOf(cell->cell, facet.c_str());
}

/// The line of the same answer without a hop belongs into every figure of hops.
void shareControl(std::vector<std::pair<std::string, Lines>>& groups) {
    auto control =
        std::find_if(groups.begin(), groups.end(), [](const auto& group) { return group.first == kControl; });
    if (control == groups.end() || groups.size() == 1) return;
    const Lines lines = control->second;
    groups.erase(control);
    for (auto& [value, others] : groups) others.insert(others.end(), lines.begin(), lines.end());
}

/// Lines by the value of the facet, those values in the order of the run.
std::vector<std::pair<std::string, Lines>> facets(const Analysis& analysis, const std::string& experiment,
                                                  const std::string& metric) {
    std::vector<std::pair<std::string, Lines>> groups;
    for (const Line& line : analysis.lines) {
        if (line.experiment != experiment || line.metric != metric || line.load != loadOf(analysis, experiment))
            continue;
        const std::string value = facetValue(analysis, line, facetOf(experiment));
        auto found =
            std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == value; });
        if (found == groups.end()) found = groups.insert(groups.end(), {value, {}});
        found->second.push_back(&line);
    }
    shareControl(groups);
    return groups;
}

Series seriesOf(const Line& line, size_t number) {
    Series series;
    series.number = number;
    for (size_t i = 0; i < std::min(line.x.size(), line.y.size()); ++i) {
        if (!line.y[i].isKnown()) continue;
        series.points.push_back({line.x[i], line.y[i].value});
        series.whiskers.push_back({line.x[i], line.y[i].low, line.y[i].high});
    }
    return series;
}

Axis xAxis(const Line& line) {
    Axis axis;
    axis.label = factorText(line.factor);
    const bool is_size = line.factor == "size" || line.factor == "body";
    if (is_size && line.x.front() > 0) {
        axis.kind = Scale::Kind::Logarithmic;
        axis.text = [](double bytes) { return sizeText(bytes); };
    }
    axis.ticks = line.x;
    return axis;
}

/// Whether the largest value is so much larger than the least that a linear axis would hide the least.
bool spansDecades(const Plot& plot) {
    double least = 0, most = 0;
    for (const Series& series : plot.series)
        for (const Whisker& whisker : series.whiskers) {
            least = least == 0 ? whisker.low : std::min(least, whisker.low);
            most = std::max(most, whisker.high);
        }
    return least > 0 && most > 30 * least;
}

std::string tableOf(const Lines& lines) {
    Table table("Lines: what one more costs, and what is there without",
                {"group", "slope (µs each)", "intercept (µs)", "R²"}, true);
    for (const Line* line : lines)
        table.add(
            {escape(line->group), number(line->slope), number(line->intercept), print("%.4f", line->r_squared)});
    Table points("Points", {"group", factorText(lines.front()->factor), "µs"}, true);
    for (const Line* line : lines)
        for (size_t i = 0; i < std::min(line->x.size(), line->y.size()); ++i)
            points.add({escape(line->group), print("%g", line->x[i]), number(line->y[i])});
    return table.html() + points.html();
}

/// What tells a line from the others of its figure.
std::string nameOf(const Analysis& analysis, const Line& line) {
    const CellSummary* cell = line.cells.empty() ? nullptr : findCell(analysis, line.cells.front());
    if (cell == nullptr) return line.group;
    if (factorOf(cell->cell, "backend") == kControl) return "in the server itself, without a hop";
    return labelOf(cell->cell, {line.factor, facetOf(line.experiment)});
}

Figure figureOf(const Analysis& analysis, const std::string& value, const Lines& lines) {
    const Line& first = *lines.front();
    Plot plot;
    plot.x = xAxis(first);
    plot.y.label = metricText(first.metric, "request") + " (µs)";
    Figure made;
    for (const Line* line : lines) {
        plot.series.push_back(seriesOf(*line, plot.series.size()));
        made.keys.push_back({Key::Shape::Line, made.keys.size(), nameOf(analysis, *line)});
    }
    if (spansDecades(plot)) plot.y.kind = Scale::Kind::Logarithmic;
    made.id = slug(first.experiment + "-" + first.metric + "-" + value);
    const std::string what = metricText(first.metric, "request") + " over the " + factorText(first.factor);
    made.title = what + (value.empty() ? "" : ": " + facetOf(first.experiment) + " " + value);
    made.title.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(made.title.front())));
    made.description = "Lines with a point for each " + factorText(first.factor) + ".";
    made.note = "Load: " + std::string(loadText(first.load)) + "; whiskers are 95 % intervals over blocks." +
                (plot.y.kind == Scale::Kind::Logarithmic ? " The scale is logarithmic." : "");
    made.draw = [plot](double width) { return draw(plot, width); };
    made.table = tableOf(lines);
    return made;
}

}  // namespace

std::vector<Figure> lineFigures(const Analysis& analysis, const std::string& experiment,
                                const std::string& metric) {
    std::vector<Figure> figures;
    for (const auto& [value, lines] : facets(analysis, experiment, metric)) {
        const bool has_points = std::any_of(lines.begin(), lines.end(), [](const Line* line) {
            return std::count_if(line->y.begin(), line->y.end(), [](const Estimate& y) { return y.isKnown(); }) >
                   1;
        });
        if (has_points) figures.push_back(figureOf(analysis, value, lines));
    }
    return figures;
}

}  // namespace turnpike::measure::report
