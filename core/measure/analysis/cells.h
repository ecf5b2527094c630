// cells.h - one summary for each cell.
#pragma once
#include "measure/analysis/analysis.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

CellSummary summaryOf(const Evidence& evidence, const CellTrials& cell);

/// Crossings per request of one class, one value for each trial that counts.
std::vector<double> callsOf(const CellTrials& cell, ledger::Class c);

}  // namespace turnpike::measure
