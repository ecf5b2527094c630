#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/bars.h"
#include "measure/report/figures.h"
#include "measure/report/scale.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

using Cells = std::vector<const CellSummary*>;

constexpr size_t kMostBars = 16;

const char* const kParts[] = {"trap (estimated)", "copy (estimated)", "wake (estimated)",
                              "kernel work (estimated)", "user and the rest"};

std::vector<double> partsOf(const Split& split) {
    return {split.trap, split.copy, split.wake, split.kernel_work, split.user};
}

double sumOf(const Split& split) { return split.trap + split.copy + split.wake + split.kernel_work + split.user; }
double crossingShare(const Split& split) { return (split.trap + split.copy + split.wake) / sumOf(split); }

/// The same answer without the hop or the process that an experiment is about.
bool isControl(const CellSummary* cell) {
    return factorOf(cell->cell, "program") == "in-process" || factorOf(cell->cell, "backend") == "in-process";
}

Cells cellsOf(const Analysis& analysis, const std::string& experiment) {
    const LoadKind load = loadOf(analysis, experiment);
    Cells cells;
    for (const CellSummary& cell : analysis.cells)
        if (cell.cell.experiment == experiment && cell.cell.load == load && cell.split.is_known &&
            sumOf(cell.split) > 0)
            cells.push_back(&cell);
    return cells;
}

Cells fewer(const Cells& cells) {
    std::vector<double> values;
    for (const CellSummary* cell : cells) values.push_back(numericValue(cell->cell));
    const std::set<double> kept = fewerValues(values, kMostBars);
    Cells chosen;
    for (const CellSummary* cell : cells)
        if (kept.contains(numericValue(cell->cell)) && chosen.size() < kMostBars) chosen.push_back(cell);
    return chosen;
}

std::string tableOf(const Cells& cells, bool with_experiment) {
    Table table("CPU time, µs",
                {"configuration", "trap", "copy", "wake", "kernel work", "user and the rest", "sum"}, true);
    for (const CellSummary* cell : cells) {
        std::vector<std::string> row = {
            escape((with_experiment ? cell->cell.experiment + ": " : "") + labelOf(cell->cell))};
        for (double part : partsOf(cell->split)) row.push_back(figure(part));
        row.push_back(figure(sumOf(cell->split)));
        table.add(row);
    }
    return table.html();
}

std::vector<Key> keys() {
    std::vector<Key> keys;
    for (size_t i = 0; i < std::size(kParts); ++i) keys.push_back({Key::Shape::Square, i, kParts[i]});
    return keys;
}

}  // namespace

std::optional<Figure> splitFigure(const Analysis& analysis, const std::string& experiment) {
    const Cells all = cellsOf(analysis, experiment), cells = fewer(all);
    if (cells.empty()) return std::nullopt;
    Bars bars;
    const std::string unit = cells.front()->unit;
    bars.axis = "CPU time of a " + unit + " (µs)";
    for (const CellSummary* cell : cells) {
        bars.most = std::max({bars.most, sumOf(cell->split), cell->cpu_us.high});
        bars.bars.push_back(
            {labelOf(cell->cell), partsOf(cell->split), cell->cpu_us, figure(sumOf(cell->split)) + " µs"});
    }
    bars.most = roundUp(bars.most);
    Figure made;
    made.id = slug(experiment) + "-split";
    made.title = "Where the CPU time of a " + unit + " goes";
    made.description = "A bar for each configuration, cut into trap, copy, wake, kernel work and user time.";
    made.note = "Load: " + std::string(loadText(cells.front()->cell.load)) +
                ". The whisker is the interval of the "
                "sum. Trap, copy, wake and kernel work are counts "
                "times calibrated costs; the rest is what was measured beyond them." +
                (cells.size() < all.size() ? " Not all are drawn; the table has them." : "");
    made.keys = keys();
    made.draw = [bars](double width) { return draw(bars, width); };
    made.table = tableOf(all, false);
    return made;
}

std::optional<Figure> sharesFigure(const Analysis& analysis) {
    Cells chosen;
    for (const Experiment& experiment : kExperiments) {
        Cells cells = cellsOf(analysis, experiment.id);
        std::erase_if(cells, isControl);
        if (cells.empty()) continue;
        auto [least, most] = std::minmax_element(cells.begin(), cells.end(), [](const auto* a, const auto* b) {
            return crossingShare(a->split) < crossingShare(b->split);
        });
        chosen.push_back(*most);
        if (least != most) chosen.push_back(*least);
    }
    if (chosen.empty()) return std::nullopt;
    Bars bars;
    bars.axis = "share of the CPU time of a request (%)";
    bars.most = 100;
    bars.names = true;
    for (const CellSummary* cell : chosen) {
        std::vector<double> parts = partsOf(cell->split);
        for (double& part : parts) part *= 100 / sumOf(cell->split);
        bars.bars.push_back(
            {cell->cell.experiment + ": " + labelOf(cell->cell), parts, {}, figure(sumOf(cell->split)) + " µs"});
    }
    Figure made;
    made.id = "shares";
    made.title = "What a request's CPU time consists of";
    made.description = "Two bars for each experiment: the configurations in which crossing weighs most and least.";
    made.note =
        "Of each experiment, the configuration in which trap, copy and wake together weigh most, and the one in "
        "which "
        "they weigh least. On the right: the whole of the bar.";
    made.keys = keys();
    made.draw = [bars](double width) { return draw(bars, width); };
    made.table = tableOf(chosen, true);
    return made;
}

}  // namespace turnpike::measure::report
