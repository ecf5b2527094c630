#include "cli/stored_run.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "measure/store/store.h"

namespace turnpike::cli {

using measure::Measured;
using measure::Store;

void addStoreOption(CLI::App& verb, std::string* file) {
    *file = Store::defaultFile();
    verb.add_option("--store", *file, "The file that holds the runs")->capture_default_str();
}

Result<Measured> storedRun(const std::string& file, const std::string& which) {
    auto store = Store::open(file);
    if (!store) return store.error();
    auto run = store->find(which);
    if (!run) return run.error();
    auto cells = store->cells(run->id);
    if (!cells) return cells.error();
    auto trials = store->trials(run->id);
    if (!trials) return trials.error();
    if (trials->empty())
        return Error{ENODATA, "run " + std::to_string(run->id) + " has no trials yet: turnpike measure adds them"};
    return Measured{std::move(*run), std::move(*cells), std::move(*trials)};
}

}  // namespace turnpike::cli
