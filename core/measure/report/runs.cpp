#include "measure/report/runs.h"

#include <algorithm>
#include <map>

#include "measure/analysis/readable.h"
#include "measure/analysis/text.h"
#include "measure/report/words.h"

namespace turnpike::measure::report {
namespace {

std::string stateOf(const Run& run, const Tally& tally) {
    if (run.ended_unix_ms != 0) return "complete";
    return tally.trials == tally.cells * run.blocks ? "not ended" : "incomplete";
}

std::string trialsOf(uint64_t trials, uint64_t rejected) {
    return std::to_string(trials) + (rejected == 0 ? "" : " (" + std::to_string(rejected) + " rejected)");
}

struct CellTally {
    uint64_t trials = 0, rejected = 0;
};

std::string cellLines(const std::vector<Cell>& cells, const std::vector<Trial>& trials) {
    std::map<std::string, CellTally> tallies;
    for (const Trial& trial : trials) {
        ++tallies[trial.cell].trials;
        if (!trial.rejected.empty()) ++tallies[trial.cell].rejected;
    }
    std::string text;
    for (const Cell& cell : cells) {
        const CellTally& tally = tallies[cell.key];
        text += print("  %-44s %s\n", cell.key.c_str(), trialsOf(tally.trials, tally.rejected).c_str());
    }
    return text;
}

std::string line(const std::string& name, const std::string& value) {
    return print("%-12s %s\n", name.c_str(), readable(value).c_str());
}

}  // namespace

std::string runTable(const std::vector<RunEntry>& runs) {
    std::string text = print("%4s  %-20s  %-10s  %6s  %6s  %-20s  %s\n", "id", "measured", "state", "cells",
                             "blocks", "trials", "name");
    for (const RunEntry& entry : runs) {
        const Run& run = entry.run;
        text += print("%4lld  %-20s  %-10s  %6llu  %6u  %-20s  ", static_cast<long long>(run.id),
                      timeText(run.started_unix_ms).c_str(), stateOf(run, entry.tally).c_str(),
                      static_cast<unsigned long long>(entry.tally.cells), run.blocks,
                      trialsOf(entry.tally.trials, entry.tally.rejected).c_str()) +
                readable(run.name) + "\n";
    }
    return text;
}

std::string runText(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials) {
    std::string text = titleOf(run) + "\n";
    text += line("measured", timeText(run.started_unix_ms) +
                                 (run.ended_unix_ms == 0 ? ", not ended" : " to " + timeText(run.ended_unix_ms)));
    text += line("command", run.command) + line("version", run.version) + line("seed", std::to_string(run.seed)) +
            line("blocks", std::to_string(run.blocks));
    if (!run.fingerprint.empty()) text += "\nmachine\n";
    for (const Fact& fact : run.fingerprint)
        text += "  " + readable(fact.name) + ": " + readable(fact.value) + "\n";
    if (!run.constants.empty()) text += "\nconstants (median, quartiles)\n";
    for (const Constant& c : run.constants)
        text += print("  %-24s %s %s (%s to %s)\n", c.name.c_str(), figure(c.median).c_str(), c.unit.c_str(),
                      figure(c.low).c_str(), figure(c.high).c_str());
    if (!cells.empty()) text += "\ncells and their trials\n" + cellLines(cells, trials);
    return text;
}

}  // namespace turnpike::measure::report
