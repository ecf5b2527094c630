// What of an analysis the figures show.
#include <algorithm>

#include "measure/analysis/lines.h"
#include "measure/analysis/text.h"
#include "measure/report/figures.h"

namespace turnpike::measure::report {

LoadKind loadOf(const Analysis& analysis, const std::string& experiment) {
    const bool has_single =
        std::any_of(analysis.cells.begin(), analysis.cells.end(), [&](const CellSummary& cell) {
            return cell.cell.experiment == experiment && cell.cell.load == LoadKind::Single;
        });
    return has_single ? LoadKind::Single : LoadKind::Saturation;
}

double numericValue(const Cell& cell) {
    for (const auto& [factor, value] : cell.factors)
        if (isNumeric(factor)) return numberOf(cell, factor.c_str());
    return 0;
}

std::set<double> fewerValues(const std::vector<double>& values, size_t most) {
    std::set<double> all(values.begin(), values.end());
    if (values.size() <= most || all.size() < 2) return all;
    std::set<double> extremes = {*all.begin(), *all.rbegin()};
    auto left =
        std::count_if(values.begin(), values.end(), [&](double value) { return extremes.contains(value); });
    if (static_cast<size_t>(left) <= most) return extremes;
    return {*std::next(all.begin(), static_cast<ptrdiff_t>(all.size() / 2))};
}

}  // namespace turnpike::measure::report
