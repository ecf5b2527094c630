// figures.h - the figures that an analysis gives. Each builder leaves out what was not measured; when nothing is
// left, so does the figure. Pure; a figure owns all that it shows.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/report/figure.h"

namespace turnpike::measure::report {

/// Whether an effect answers something: what other clients do is no choice of the server's.
inline bool isQuestion(const Effect& effect) { return effect.factor != "client"; }

/// The load that an experiment's figures are of: one connection, when there are cells with it.
LoadKind loadOf(const Analysis& analysis, const std::string& experiment);
/// The value of a cell's numeric factor; 0 when it has none.
double numericValue(const Cell& cell);
/// Which of the values (one for each item) to show so that no more than `most` items are left: all; the two
/// extreme ones; or a middle one.
std::set<double> fewerValues(const std::vector<double>& values, size_t most);

/// Where a request's time goes, one bar a cell of an experiment.
std::optional<Figure> splitFigure(const Analysis& analysis, const std::string& experiment);
/// The same in percent: of each experiment, the cells in which crossing weighs most and least.
std::optional<Figure> sharesFigure(const Analysis& analysis);
/// How a metric ("cpu", "p50") grows with an experiment's numeric factor.
std::vector<Figure> lineFigures(const Analysis& analysis, const std::string& experiment,
                                const std::string& metric);
/// Paired ratios of an experiment.
std::optional<Figure> effectsFigure(const Analysis& analysis, const std::string& experiment,
                                    const std::string& metric, LoadKind load);
/// How latencies are distributed in the two cells of each factor's strongest effect.
std::vector<Figure> latencyFigures(const Analysis& analysis, const std::vector<Trial>& trials,
                                   const std::string& experiment);
/// What a server in the kernel could gain at most, over the share of dynamic pages; one figure a kind of page.
std::vector<Figure> mixBoundFigures(const Analysis& analysis);
/// The same over the size of static files; one figure for kept, one for new connections.
std::vector<Figure> staticBoundFigures(const Analysis& analysis);

}  // namespace turnpike::measure::report
