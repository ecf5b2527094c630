// model.h - what a run of the instrument leaves behind: plain data, written once by `turnpike measure` and read by
// everything that judges it. No behaviour; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "ledger/ledger.h"

namespace turnpike::measure {

/// What the machine and the software were, in the order in which they are shown: {"kernel", "Linux 6.1.0"}.
struct Fact {
    std::string name, value;
};
using Fingerprint = std::vector<Fact>;

/// One constant of the machine: the median of interleaved batches, with the spread of those.
struct Constant {
    std::string name;  // "null_syscall", "unix_round_trip_same_cpu": see calibrate/
    std::string unit;  // "ns", "ns/KiB"
    double median = 0;
    double low = 0, high = 0;  // the quartiles of the batches
    double least = 0;
    unsigned batches = 0;
};

/// How a trial was loaded.
enum class LoadKind : uint8_t {
    Single,      // one connection, the next request after the answer: no queueing, hops add up to the latency
    Saturation,  // closed loop of several connections: capacity
};

inline const char* name(LoadKind load) { return load == LoadKind::Single ? "single" : "saturation"; }

/// One row of the matrix: what is asked, of which configuration, and how. `key` names it in the store, in reports
/// and when two runs are compared: "E5/responder/unix/kept/1024/single".
struct Cell {
    std::string key;
    std::string experiment;                      // "E5"
    std::string config;                          // of `turnpike measure --show-config NAME`
    std::map<std::string, std::string> factors;  // {"transport", "unix"}
    LoadKind load = LoadKind::Single;
};

/// One steady window of one cell. Times of a trial are never taken while something traces the server.
struct Trial {
    int64_t id = 0;  // of the store
    std::string cell;
    uint32_t block = 0, position = 0;  // position: within the block, in the order of running
    int64_t started_unix_ms = 0;
    uint64_t requests = 0, elapsed_ns = 0;
    Histogram latency_ns;
    ledger::Account crossings;  // the engine's, all of the window
    uint64_t engine_ns = 0;     // CPU of the server's workers and master
    uint64_t generator_ns = 0;
    std::optional<uint64_t> backend_ns, database_ns;  // absent: the cell has none
    uint64_t received = 0;                            // bytes that the generator got, heads included
    double steal_share = 0, foreign_share = 0;  // of the window's CPU time: taken by the hypervisor, by others
    std::map<std::string, double> extra;        // what an experiment notes besides: {"accepts", 120}
    std::vector<std::string> rejected;          // why it does not count; empty: it does
};

struct Run {
    int64_t id = 0;
    std::string name;     // free text, may be empty
    std::string command;  // what repeats it
    std::string version;  // of Turnpike
    uint64_t seed = 0;    // of the order of trials
    unsigned blocks = 0;  // planned
    int64_t started_unix_ms = 0;
    int64_t ended_unix_ms = 0;  // 0: it was interrupted, or goes on
    Fingerprint fingerprint;
    std::vector<Constant> constants;
};

}  // namespace turnpike::measure
