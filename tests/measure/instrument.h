// instrument.h - the real `turnpike measure` in a folder of the test's own: its store and its temporary files.
#pragma once
#include <string>
#include <vector>

#include "measure/bed/installed.h"
#include "measure/store/store.h"
#include "support/running_program.h"
#include "support/temp_folder.h"

namespace turnpike::measure {

class Instrument {
 public:
    Instrument();

    /// `turnpike measure ARGUMENTS` to its end: the exit status, what it said in output().
    int run(const std::string& arguments) { return runVerb("measure " + arguments); }
    /// The same of any verb that has a store.
    int runVerb(const std::string& verb);
    /// In the background.
    RunningProgram start(const std::vector<std::string>& arguments) const;
    const std::string& output() const { return output_; }

    /// All cells and trials of the last run; none when there is no run yet.
    std::vector<Cell> cells() const;
    std::vector<Trial> trials() const;
    /// What it has left in its temporary folder.
    std::vector<std::string> leftovers() const;
    std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    std::string storePath() const { return path("runs.db"); }

 private:
    TempFolder folder_;
    std::string output_;
};

/// As Installed::missing(); for GTEST_SKIP.
std::string missing(uint32_t needs);

}  // namespace turnpike::measure
