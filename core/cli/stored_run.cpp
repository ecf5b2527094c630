#include "cli/stored_run.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "os/local.h"

namespace turnpike::cli {

using measure::Measured;
using measure::Store;

void addStoreOption(CLI::App& verb, std::string* file) {
    *file = Store::defaultFile();
    verb.add_option("--store", *file, "The file that holds the runs")->capture_default_str();
}

Result<Store> openExisting(const std::string& file) {
    if (!os::exists(file))
        return Error{ENOENT, "there is no store " + file + " yet: `turnpike measure` makes one"};
    return Store::open(file);
}

Result<Measured> readRun(const Store& store, const std::string& which) {
    auto run = store.find(which);
    if (!run) return run.error();
    auto cells = store.cells(run->id);
    if (!cells) return cells.error();
    auto trials = store.trials(run->id);
    if (!trials) return trials.error();
    return Measured{std::move(*run), std::move(*cells), std::move(*trials)};
}

Result<Measured> storedRun(const std::string& file, const std::string& which) {
    auto store = openExisting(file);
    if (!store) return store.error();
    auto stored = readRun(*store, which);
    if (stored && stored->trials.empty())
        return Error{ENODATA,
                     "run " + std::to_string(stored->run.id) + " has no trials yet: turnpike measure adds them"};
    return stored;
}

}  // namespace turnpike::cli
