// runs.h - what is in the store, as tables, and whole runs to take elsewhere. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/store/model.h"
#include "measure/store/store.h"

namespace turnpike::measure::report {

struct RunEntry {
    Run run;
    Tally tally;
};

/// A line for each run, for a terminal.
std::string runTable(const std::vector<RunEntry>& runs);
/// One run: what it was, on which machine, and how many trials each cell has.
std::string runText(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials);

/// Everything that was measured, histograms included: docs/measuring-formats.md.
std::string exportJson(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials);
/// A line of names, then a line for each trial, rejected ones too.
std::string exportCsv(const std::vector<Cell>& cells, const std::vector<Trial>& trials);

}  // namespace turnpike::measure::report
