// progress.h - how far a long run is: a bar with the time left on a terminal, a line a block elsewhere.
#pragma once
#include <cstdint>
#include <string>

#include "measure/experiment/runner.h"

namespace turnpike::cli {

class ProgressBar {
 public:
    ProgressBar();
    /// Ends the line that the bar stands in.
    ~ProgressBar() { clear(); }

    void show(const measure::Progress& progress);
    /// Takes the bar away, so that something else can be printed.
    void clear();

 private:
    bool is_terminal_;
    bool is_shown_ = false;
    std::string last_block_;
    uint64_t begun_ns_ = 0;
    size_t done_at_begin_ = 0;
};

/// "45 s", "12 min", "2 h 05 min".
std::string durationText(uint64_t seconds);

}  // namespace turnpike::cli
