#include <algorithm>

#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/forest.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

std::string titleOf(const Effect& effect) {
    if (effect.factor == "arm") return "A/A: a cell → the same cell";
    return effect.factor + ": " + effect.from + " → " + effect.to;
}

/// What both cells have in common.
std::string commonOf(const Analysis& analysis, const Effect& effect) {
    const CellSummary* cell = findCell(analysis, effect.a);
    return cell == nullptr ? effect.a : labelOf(cell->cell, {effect.factor});
}

Forest forestOf(const Analysis& analysis, const std::vector<const Effect*>& effects, const std::string& metric) {
    Forest forest;
    forest.axis = "ratio of " + metric;
    forest.detectable = analysis.detectable;
    for (const Effect* effect : effects) {
        const std::string title = titleOf(*effect);
        auto found = std::find_if(forest.groups.begin(), forest.groups.end(),
                                  [&](const ForestGroup& group) { return group.title == title; });
        if (found == forest.groups.end()) found = forest.groups.insert(forest.groups.end(), {title, {}});
        found->rows.push_back(
            {commonOf(analysis, *effect), factorOfChange(effect->ratio), effect->ratio, effect->is_detectable});
    }
    for (ForestGroup& group : forest.groups)
        if (group.rows.size() == 1) {
            group.rows.front().label = group.title;
            group.title.clear();
        }
    return forest;
}

/// Those whose cells have one of few values of the numeric factor.
std::vector<const Effect*> fewer(const Analysis& analysis, const std::vector<const Effect*>& effects) {
    constexpr size_t kMostRows = 40;
    auto valueOf = [&](const Effect* effect) {
        const CellSummary* cell = findCell(analysis, effect->a);
        return cell == nullptr ? 0 : numericValue(cell->cell);
    };
    std::vector<double> values;
    values.reserve(effects.size());
    for (const Effect* effect : effects) values.push_back(valueOf(effect));
    const std::set<double> kept = fewerValues(values, kMostRows);
    std::vector<const Effect*> chosen;
    for (const Effect* effect : effects)
        if (kept.contains(valueOf(effect))) chosen.push_back(effect);
    return chosen;
}

std::string tableOf(const Forest& forest) {
    Table table("Paired ratios", {"change, everything else equal", "ratio", "can be told from chance"}, true);
    for (const ForestGroup& group : forest.groups)
        for (const ForestRow& row : group.rows)
            table.add({escape(group.title.empty() ? row.label : group.title + " (" + row.label + ")"),
                       number(row.ratio), row.is_detectable ? "yes" : "no"});
    return table.html();
}

}  // namespace

std::optional<Figure> effectsFigure(const Analysis& analysis, const std::string& experiment,
                                    const std::string& metric, LoadKind load) {
    std::vector<const Effect*> effects;
    for (const Effect& effect : analysis.effects)
        if (isQuestion(effect) && effect.experiment == experiment && effect.metric == metric &&
            effect.load == load && effect.ratio.isKnown())
            effects.push_back(&effect);
    if (effects.empty()) return std::nullopt;
    const CellSummary* first = findCell(analysis, effects.front()->a);
    const std::string what = metricText(metric, first == nullptr ? "request" : first->unit);
    const std::vector<const Effect*> drawn = fewer(analysis, effects);
    const Forest forest = forestOf(analysis, drawn, what);
    Figure made;
    made.id = slug(experiment + "-" + metric + "-" + loadText(load) + "-effects");
    made.title = "What one change does to " + what;
    made.description = "Paired ratios with their intervals, around the line of no difference.";
    made.note = "Ratios block by block, with 95 % intervals; load: " + std::string(loadText(load)) +
                ". Shaded: what this run cannot tell from chance. Hollow: no evidence of a difference." +
                (drawn.size() < effects.size() ? " Not all are drawn; the table has them." : "");
    made.draw = [forest](double width) { return draw(forest, width); };
    made.table = tableOf(forestOf(analysis, effects, what));
    return made;
}

}  // namespace turnpike::measure::report
