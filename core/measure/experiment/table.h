// table.h - the cells of a run, a line each. Pure.
#pragma once
#include <string>

#include "measure/analysis/analysis.h"

namespace turnpike::measure {

/// What could not be measured is "-".
std::string cellTable(const Analysis& analysis);

}  // namespace turnpike::measure
