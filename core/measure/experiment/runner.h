// runner.h - the order of trials: blocks, in each every cell once in random order, what was rejected again at the
// block's end. It knows nothing of servers; what measures and what keeps trials is given. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "measure/experiment/matrix.h"
#include "measure/store/model.h"

namespace turnpike::measure {

/// How much time is taken.
struct Pace {
    unsigned blocks = 10;
    uint64_t window_ms = 5000, least_window_ms = 500;
    uint64_t least_requests = 5000;  // that many end a window before its time, but not before least_window_ms
    uint64_t warm_up_ms = 30'000;    // at most, for each cell
    unsigned attempts = 3;           // at a trial that is rejected, the first one included
    double most_repeats = 1;         // of such repeats, as a share of all trials
    unsigned refresh_blocks = 4;     // servers are started anew after so many blocks; 0: never
};
Pace paceOf(Extent extent);

/// The servers under test, as the runner sees them.
class Bench {
 public:
    virtual ~Bench() = default;
    /// Servers for these plans are up and warm when it returns, and no others; those that ran are started anew.
    virtual Result<bool> prepare(const std::vector<Plan>& plans) = 0;
    /// Cell, block and position are filled in by the caller.
    virtual Result<Trial> measure(const Plan& plan) = 0;
};

struct Progress {
    std::string experiment;
    unsigned block = 0, blocks = 0;
    size_t done = 0, planned = 0;  // trials of the whole run; planned grows when one is rejected
};

struct Hooks {
    std::function<Result<bool>(const Trial&)> keep;  // an error ends the run
    std::function<void(const Progress&)> tell;
    std::function<bool()> is_stopped;                                         // asked between trials
    std::function<void(const std::string&)> say = [](const std::string&) {};  // a sentence for whoever waits
};

/// In which order block `block` of an experiment has its `count` cells.
std::vector<size_t> orderOf(uint64_t seed, const std::string& experiment, unsigned block, size_t count);

/// Measures all plans that `before`, the trials that there are already, leave open. True: all are done; false: it
/// was stopped.
Result<bool> run(const std::vector<Plan>& plans, const Pace& pace, uint64_t seed, const std::vector<Trial>& before,
                 Bench& bench, const Hooks& hooks);

}  // namespace turnpike::measure
