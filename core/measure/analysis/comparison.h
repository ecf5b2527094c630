// comparison.h - two runs side by side. Counts of crossings are compared exactly: they hardly vary, so one more
// per request is a change of the program. Times of two runs were not interleaved, so each is first related to
// something of its own run; what remains is weaker than a paired ratio and decides nothing. Pure.
#pragma once
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure {

/// A run as the store gives it.
struct Measured {
    Run run;
    std::vector<Cell> cells;
    std::vector<Trial> trials;
};

/// A class of crossings that a cell's requests make more or less often than before, in every trial.
struct CountChange {
    std::string cell;
    ledger::Class crossings = ledger::Class::Client;
    double before = 0, after = 0;  // per request, medians over trials
    bool is_regression = false;    // one more per request, or several
};

struct TimeChange {
    std::string cell, metric;   // metric: "cpu" or "p50"
    std::string relative_to;    // what it was divided by in each run: "E0/aa", "null_syscall"
    Estimate ratio;             // after over before
    bool looks_slower = false;  // the whole interval lies above 1.03
};

struct Comparison {
    Run before, after;
    std::vector<std::string> machine;  // facts that differ: "kernel: Linux 6.1.0 -> Linux 6.12.1"
    size_t cells = 0;                  // with trials in both
    std::vector<std::string> only_before, only_after;
    std::vector<CountChange> counts;  // regressions first
    std::vector<TimeChange> times;

    bool hasRegression() const { return !counts.empty() && counts.front().is_regression; }
};

/// Event, listen and log calls of cells under saturation are shared by as many requests as happen to be there, and
/// are not compared.
Comparison compareRuns(const Measured& before, const Measured& after);

}  // namespace turnpike::measure
