// analysis.h - what a run says: one summary a cell, ratios between cells that differ in one factor, lines, the
// validity checks and the verdicts on the four claims. Pure: the same trials and seed give the same analysis, on
// any thread. Nothing is guessed: what was not measured, or needs a constant that was not calibrated, is an
// estimate that is not known.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure {

/// Where a request's CPU goes, in microseconds. What is a count times a calibrated constant is an estimate; the
/// five add up to the cell's CPU.
struct Split {
    double trap = 0, copy = 0,
           wake = 0;                   // estimated: calls x null syscall, KiB x copy slope, backend turns x wake
    double kernel_work = 0, user = 0;  // the rest, see split.cpp for what can be told apart without tracing
    bool is_known = false;             // false: a constant that it needs was not calibrated
};

struct CellSummary {
    Cell cell;
    std::string unit;  // what the figures are per: "request", "connection" (E3, where many ask for nothing)
    unsigned trials = 0, rejected = 0;
    Estimate per_second, p50_us, p99_us, mean_us;
    Estimate cpu_us;  // of everything that serves: engine, backend, database
    Estimate engine_us, backend_us, database_us;
    std::array<double, ledger::kClasses> calls{};  // per request and class: the median over trials
    std::array<double, ledger::kClasses> calls_mode{};
    double bytes = 0;  // per request, over the boundary
    Split split;
};

/// A paired ratio: `b` over `a`, block by block. Both cells are of one experiment and load, and differ in the
/// factor named.
struct Effect {
    std::string experiment, factor, from, to;  // "E5", "transport", "unix", "tcp"
    std::string a, b;                          // keys of the cells
    std::string metric;                        // "cpu", "p50", "throughput"
    LoadKind load = LoadKind::Single;
    Estimate ratio;
    bool is_detectable = false;  // its interval excludes 1, and its distance from 1 is above what the A/A run says
                                 // can be seen; false without an A/A run
};

/// How a metric grows with a numeric factor; everything else being equal.
struct Line {
    std::string experiment, factor, metric;  // metric: "cpu" or "p50", in microseconds
    std::string group;                       // the other factors: "mariadb-unix, persistent, prepared"
    LoadKind load = LoadKind::Single;
    std::vector<std::string> cells;  // keys, one for each x
    std::vector<double> x;           // ascending
    std::vector<Estimate> y;
    Estimate slope, intercept;  // over blocks
    double r_squared = 0;       // of the medians
};

/// A check of section 3.10 of the method, or one of what an experiment must show; printed with every report.
struct Check {
    std::string id;    // "V8", "E7"
    std::string what;  // "Little's law: connections = throughput x latency, to 3 %"
    enum class State : uint8_t { Pass, Fail, NotMeasured } state = State::NotMeasured;
    std::string detail;  // the figures, or why there are none
};

/// The most that a server in the kernel could gain for one content: throughput factors of the three bounds, and
/// factors of latency, which only cells with a single connection have.
struct Bound {
    std::string content;  // "static 4 KiB", "PHP with 5 queries (MariaDB, unix)"
    std::string cell;
    std::optional<double> dynamic_share;    // E9 only, 0 to 1
    Estimate kthread, softirq, omniscient;  // 1.04: four per cent more requests for the same CPU
    Estimate latency_kthread, latency_softirq, latency_omniscient;  // 1.04: an answer takes 1/1.04 of the time
    std::string missing;  // constants without which some of them are not known: "wake_same_cpu"
};

struct Verdict {
    int claim = 0;  // 1 to 4
    std::string claim_text, content;
    enum class Level : uint8_t { Supported, Material, Refuted, NoEvidence } level = Level::NoEvidence;
    Estimate gain;         // what the level was judged by, as a factor
    std::string measured;  // "p50", "softirq bound (estimated)"
    std::string sentence;  // what a person would quote
};

/// Where verdicts change, as shares: a gain surely below `supported` is no bottleneck, one surely above `refuted`
/// is.
struct Thresholds {
    double supported = 0.10, refuted = 0.25;
};

struct Analysis {
    Run run;
    Thresholds thresholds;
    std::vector<CellSummary> cells;
    std::vector<Effect> effects;
    std::vector<Line> lines;
    std::vector<Bound> bounds;
    std::vector<Check> checks;
    std::vector<Verdict> verdicts;
    Estimate same;                    // the A/A ratio of CPU per request
    double detectable = 0;            // half-width of that: smaller effects are not claimed
    std::optional<double> pollution;  // cost of an injected call over that of a bare one
};

/// Trials of all cells; rejected ones are counted and otherwise left out.
Analysis analyse(const Run& run, const std::vector<Cell>& cells, const std::vector<Trial>& trials,
                 const Thresholds& thresholds = {});

const char* name(Check::State state);    // "PASS", "FAIL", "not measured"
const char* name(Verdict::Level level);  // "supported", "material", "refuted", "no evidence"
/// Null when there is none; valid as long as `analysis`.
const CellSummary* findCell(const Analysis& analysis, const std::string& key);

}  // namespace turnpike::measure
