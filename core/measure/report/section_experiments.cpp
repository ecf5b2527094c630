// One section for each experiment: figures, then its cells.
#include "measure/analysis/text.h"
#include "measure/report/figures.h"
#include "measure/report/markup.h"
#include "measure/report/sections.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

bool hasCells(const Analysis& analysis, const std::string& experiment) {
    for (const CellSummary& cell : analysis.cells)
        if (cell.cell.experiment == experiment) return true;
    return false;
}

std::string trialsOf(const CellSummary& cell) {
    std::string text = std::to_string(cell.trials);
    if (cell.rejected != 0) text += " <small>+ " + std::to_string(cell.rejected) + " rejected</small>";
    return text;
}

std::string timesOf(const Analysis& analysis, const std::string& experiment) {
    Table table("Times: mean over blocks, with its 95 % interval; CPU in µs",
                {"configuration", "load", "trials", "per second", "p50 (µs)", "p99 (µs)", "CPU", "engine",
                 "backend", "database"},
                true);
    for (const CellSummary& cell : analysis.cells)
        if (cell.cell.experiment == experiment)
            table.add({escape(labelOf(cell.cell)), loadText(cell.cell.load), trialsOf(cell),
                       number(cell.per_second), number(cell.p50_us), number(cell.p99_us), number(cell.cpu_us),
                       number(cell.engine_us), number(cell.backend_us), number(cell.database_us)});
    return table.html();
}

/// A count, when a trial counts.
std::string counted(const CellSummary& cell, const char* format, double count) {
    return cell.trials == 0 ? "–" : print(format, count);
}

std::string countsOf(const Analysis& analysis, const std::string& experiment) {
    std::vector<std::string> heads = {"configuration", "load"};
    for (size_t i = 0; i < ledger::kClasses; ++i) heads.emplace_back(ledger::name(static_cast<ledger::Class>(i)));
    heads.insert(heads.end(), {"all", "bytes"});
    Table table("Crossings of the engine per request, by what they were for: median over trials", heads, true);
    for (const CellSummary& cell : analysis.cells) {
        if (cell.cell.experiment != experiment) continue;
        std::vector<std::string> row = {escape(labelOf(cell.cell)), loadText(cell.cell.load)};
        for (double calls : cell.calls) row.push_back(counted(cell, "%.2f", calls));
        row.push_back(counted(cell, "%.2f", callsOf(cell)));
        row.push_back(counted(cell, "%.0f", cell.bytes));
        table.add(row);
    }
    return table.html();
}

std::string figuresOf(const Analysis& analysis, const std::vector<Trial>& trials, const std::string& experiment) {
    std::string content, more;
    if (auto figure = splitFigure(analysis, experiment)) content += html(*figure);
    if (experiment == "E1")
        for (const Figure& figure : staticBoundFigures(analysis)) content += html(figure);
    for (const Figure& figure : lineFigures(analysis, experiment, "p50")) content += html(figure);
    for (const Figure& figure : lineFigures(analysis, experiment, "cpu")) more += html(figure);
    if (auto figure = effectsFigure(analysis, experiment, "cpu", LoadKind::Single)) content += html(*figure);
    for (const Figure& figure : latencyFigures(analysis, trials, experiment)) content += html(figure);
    if (auto figure = effectsFigure(analysis, experiment, "p50", LoadKind::Single)) more += html(*figure);
    for (const char* metric : {"cpu", "p50", "throughput"})
        if (auto figure = effectsFigure(analysis, experiment, metric, LoadKind::Saturation)) more += html(*figure);
    return content + (more.empty() ? "" : folded("More figures: other metrics and loads", more));
}

}  // namespace

std::string experimentSections(const Analysis& analysis, const std::vector<Trial>& trials) {
    std::string content, missing;
    for (const Experiment& experiment : kExperiments) {
        const std::string id = experiment.id;
        if (!hasCells(analysis, id)) {
            missing += (missing.empty() ? "" : ", ") + id + " (" + experiment.title + ")";
            continue;
        }
        content += section(slug(id), id + ": " + experiment.title,
                           textElement("p", experiment.question) + figuresOf(analysis, trials, id) +
                               folded("All cells: times", timesOf(analysis, id)) +
                               folded("All cells: crossings", countsOf(analysis, id)));
    }
    if (missing.empty()) return content;
    return content + section("missing", "What was not measured",
                             textElement("p", "Not part of this run: " + missing +
                                                  ". `turnpike measure` with their names measures them."));
}

}  // namespace turnpike::measure::report
