// words.h - how the report names experiments, cells and figures. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"

namespace turnpike::measure::report {

struct Experiment {
    const char* id;
    const char* title;
    const char* question;  // one or two sentences
};

/// Those that a report has a section for, in its order.
inline constexpr std::array kExperiments = {
    Experiment{"E1", "Static files",
               "What a file costs: by its size, by the way it is sent, and by whether the connection is kept."},
    Experiment{
        "E3", "Accept filters",
        "Whether TCP_DEFER_ACCEPT keeps slow, broken and silent clients away from user space, as a server in the "
        "kernel would. Figures are per connection."},
    Experiment{"E4", "CGI", "What starting a program for each request costs, beside the same answer by a plugin."},
    Experiment{"E5", "The FastCGI hop",
               "What it costs that another process answers: over unix sockets and TCP, with connections that are "
               "kept and "
               "new ones, by the size of the body, beside the same answer by a plugin."},
    Experiment{"E6", "PHP without the socket",
               "The same page by PHP in the worker, in interpreters over shared memory, by php-fpm and as a CGI "
               "program."},
    Experiment{
        "E7", "The database hop",
        "What a PHP page pays for each query: in SQLite, which is a library, and in MariaDB, which is another "
        "process."},
    Experiment{"E9", "Mixed content", "How costs change as the share of dynamic pages grows."},
};

/// "responder, unix, kept, 1 KiB": the factors of a cell in the order of its key, but for those in `without`; "all
/// else equal" when none is left.
std::string labelOf(const Cell& cell, const std::vector<std::string>& without = {});
/// The value of a factor for people: "4 KiB", "5 queries", "unix"; empty when it says that there is no hop.
std::string valueText(const std::string& factor, const std::string& value);
/// "number of queries", "size of the body": a factor, as the name of an axis.
std::string factorText(const std::string& factor);
/// "CPU time per request", "median latency", "throughput"; unit: that of a cell
std::string metricText(const std::string& metric, const std::string& unit);
const char* loadText(LoadKind load);  // "one connection", "saturation"

/// Crossings of all classes.
double callsOf(const CellSummary& cell);
/// "×1.09 (1.07 to 1.11)"
std::string factorOfChange(const Estimate& ratio);
/// A round number at an axis: "50", "0.2", "10 000".
std::string tickText(double value);
/// A number of a table with its interval beside it, as markup; a dash when it is not known.
std::string number(const Estimate& estimate);
/// "2026-01-31 14:03 UTC"
std::string timeText(int64_t unix_ms);
/// "Turnpike run 12: name"
std::string titleOf(const Run& run);
/// "3 trials", "1 trial"
std::string countText(uint64_t count, const char* one);
/// Letters, digits and dashes only: for ids.
std::string slug(const std::string& text);

}  // namespace turnpike::measure::report
