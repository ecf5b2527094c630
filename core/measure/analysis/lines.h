// lines.h - how metrics grow with the factors that are numbers.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// Whether a factor's values are numbers that lines are drawn over: size, calls, body, queries, dynamic.
bool isNumeric(const std::string& factor);

/// One line for each metric and group of cells that differ only in a numeric factor; groups with trials at fewer
/// than two values have none.
std::vector<Line> linesOf(const Evidence& evidence);

/// The line of a metric that goes through a cell; null when there is none. Valid as long as `lines`.
const Line* lineThrough(const std::vector<Line>& lines, const std::string& cell, Metric metric);

}  // namespace turnpike::measure
