#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "measure/analysis/view.h"

namespace turnpike::cli {
namespace {

struct Options {
    std::string before, after, store;
    bool json = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

int compare(const Options& options) {
    auto before = storedRun(options.store, options.before);
    if (!before) return fail(before.error().text);
    auto after = storedRun(options.store, options.after);
    if (!after) return fail(after.error().text);
    measure::Comparison comparison = measure::compareRuns(*before, *after);
    if (comparison.cells == 0)
        return fail("the two runs have no cell in common: measure the same experiments twice");
    std::string text = options.json ? measure::comparisonJson(comparison) : measure::comparisonText(comparison);
    std::fputs(text.c_str(), stdout);
    return comparison.hasRegression() ? kRegression : 0;
}

}  // namespace

void addCompare(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb =
        app.add_subcommand("compare", "Compare two runs: crossings exactly, times as far as that can be done");
    verb->add_option("RUN_A", options->before, "The run before: number, name, \"last\" or \"last~1\"")->required();
    verb->add_option("RUN_B", options->after, "The run after")->required();
    verb->add_flag("--json", options->json, "Print JSON in place of text");
    addStoreOption(*verb, &options->store);
    verb->footer(
        "Exit status: 0 no request pays more crossings than before; 1 the runs cannot be compared; 3 some class "
        "of\n"
        "crossings is paid at least once more per request. Times change no status.");
    verb->callback([action, options] { *action = [options] { return compare(*options); }; });
}

}  // namespace turnpike::cli
