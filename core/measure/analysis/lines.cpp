#include "measure/analysis/lines.h"

#include <algorithm>
#include <set>

#include "measure/analysis/text.h"
#include "measure/stats/line.h"

namespace turnpike::measure {
namespace {

constexpr Metric kMetrics[] = {Metric::Cpu, Metric::P50};

std::string numericFactor(const Cell& cell) {
    for (const auto& [factor, value] : cell.factors)
        if (isNumeric(factor)) return factor;
    return {};
}

std::vector<std::string> partsOf(const std::string& key) {
    std::vector<std::string> parts;
    for (size_t from = 0; from <= key.size();) {
        size_t slash = std::min(key.find('/', from), key.size());
        parts.push_back(key.substr(from, slash - from));
        from = slash + 1;
    }
    return parts;
}

/// The factors that are not the line's own, in the key's order, which is the one that people chose.
std::string groupOf(const Cell& cell, const std::string& factor) {
    std::string group;
    std::vector<std::string> parts = partsOf(cell.key);
    for (size_t i = 1; i + 1 < parts.size(); ++i)
        if (parts[i] != cell.factors.at(factor)) group += (group.empty() ? "" : ", ") + parts[i];
    return group;
}

using Group = std::vector<const CellTrials*>;

/// Cells with trials that differ in one numeric factor only, in its order.
std::vector<std::pair<std::string, Group>> groupsOf(const Evidence& evidence) {
    std::vector<std::pair<std::string, Group>> groups;
    auto sameGroup = [](const Cell& a, const Cell& b, const std::string& factor) {
        auto rest = a.factors, other = b.factors;
        rest.erase(factor);
        other.erase(factor);
        return a.experiment == b.experiment && a.load == b.load && rest == other;
    };
    for (const CellTrials& cell : evidence.cells()) {
        std::string factor = numericFactor(*cell.cell);
        if (factor.empty() || cell.counted.empty()) continue;
        auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
            return group.first == factor && sameGroup(*group.second.front()->cell, *cell.cell, factor);
        });
        if (found == groups.end()) found = groups.insert(groups.end(), {factor, {}});
        found->second.push_back(&cell);
    }
    for (auto& [factor, group] : groups)
        std::sort(group.begin(), group.end(), [name = factor.c_str()](const CellTrials* a, const CellTrials* b) {
            return numberOf(*a->cell, name) < numberOf(*b->cell, name);
        });
    return groups;
}

Grid gridOf(const std::vector<Series>& rows, const std::set<uint32_t>& blocks) {
    Grid grid;
    for (const Series& row : rows) {
        grid.emplace_back();
        for (uint32_t block : blocks) {
            auto found = row.find(block);
            grid.back().push_back(found == row.end() ? std::optional<double>() : found->second);
        }
    }
    return grid;
}

Line lineOf(const Evidence& evidence, const std::string& factor, const Group& group, Metric metric) {
    const Cell& first = *group.front()->cell;
    Line line;
    line.experiment = first.experiment;
    line.factor = factor;
    line.metric = name(metric);
    line.group = groupOf(first, factor);
    line.load = first.load;
    std::vector<Series> rows;
    std::set<uint32_t> blocks;
    for (const CellTrials* cell : group) {
        line.cells.push_back(cell->cell->key);
        line.x.push_back(numberOf(*cell->cell, factor.c_str()));
        line.y.push_back(evidence.mean(*cell, metric));
        rows.push_back(evidence.series(*cell, metric));
        for (const auto& [block, value] : rows.back()) blocks.insert(block);
    }
    FitOverBlocks fit = fitOverBlocks(evidence.draws(blocks.size()), line.x, gridOf(rows, blocks));
    line.slope = fit.slope;
    line.intercept = fit.intercept;
    line.r_squared = fit.r_squared;
    return line;
}

}  // namespace

bool isNumeric(const std::string& factor) {
    static const std::set<std::string> kNumeric{"size", "calls", "body", "queries", "dynamic"};
    return kNumeric.contains(factor);
}

std::vector<Line> linesOf(const Evidence& evidence) {
    std::vector<Line> lines;
    for (const auto& [factor, group] : groupsOf(evidence)) {
        if (group.size() < 2) continue;
        for (Metric metric : kMetrics) lines.push_back(lineOf(evidence, factor, group, metric));
    }
    return lines;
}

const Line* lineThrough(const std::vector<Line>& lines, const std::string& cell, Metric metric) {
    for (const Line& line : lines)
        if (line.metric == name(metric) &&
            std::find(line.cells.begin(), line.cells.end(), cell) != line.cells.end())
            return &line;
    return nullptr;
}

}  // namespace turnpike::measure
