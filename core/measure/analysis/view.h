// view.h - verdicts and comparisons as text for a terminal and as JSON for programs. Pure. In JSON what is not
// known is null, and an estimate is {"value", "low", "high", "blocks"}.
#pragma once
#include <string>

#include "measure/analysis/analysis.h"
#include "measure/analysis/comparison.h"

namespace turnpike::measure {

std::string verdictText(const Analysis& analysis);
std::string verdictJson(const Analysis& analysis);

std::string comparisonText(const Comparison& comparison);
std::string comparisonJson(const Comparison& comparison);

}  // namespace turnpike::measure
