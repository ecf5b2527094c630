// stored_run.h - what the verbs that judge runs have in common: which store, and a run out of it.
#pragma once
#include <string>

#include "base/result.h"
#include "measure/analysis/comparison.h"
#include "measure/store/store.h"

namespace CLI {
class App;
}

namespace turnpike::cli {

/// The exit status of a comparison that found a regression.
inline constexpr int kRegression = 3;

/// `--store FILE`. `file` must live as long as `verb`.
void addStoreOption(CLI::App& verb, std::string* file);

/// The store that is there already: looking for runs makes none.
Result<measure::Store> openExisting(const std::string& file);
/// The run that `which` names, as Store::find() understands it, with its cells and trials.
Result<measure::Measured> readRun(const measure::Store& store, const std::string& which);
/// As readRun(), from the store in `file`. A run without trials is an error: there is nothing to judge.
Result<measure::Measured> storedRun(const std::string& file, const std::string& which);

}  // namespace turnpike::cli
