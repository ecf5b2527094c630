#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/output.h"
#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "measure/report/report.h"

namespace turnpike::cli {
namespace {

struct Options {
    std::string run = "last", store, file, format = "html";
};

std::string textOf(const measure::Measured& stored, const std::string& format) {
    measure::Analysis analysis = measure::analyse(stored.run, stored.cells, stored.trials);
    if (format == "json") return measure::report::json(analysis);
    if (format == "csv") return measure::report::csv(analysis);
    if (format == "markdown") return measure::report::markdown(analysis);
    return measure::report::page(analysis, stored.trials);
}

int report(const Options& options) {
    auto stored = storedRun(options.store, options.run);
    if (!stored) {
        std::fprintf(stderr, "turnpike: %s\n", stored.error().text.c_str());
        return 1;
    }
    return put(textOf(*stored, options.format), options.file);
}

}  // namespace

void addReport(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb =
        app.add_subcommand("report", "Make a page of a run that holds all it needs, or a table of it");
    verb->add_option("RUN", options->run, "Number or name of a run, \"last\" or \"last~1\"")
        ->capture_default_str();
    addOutputOption(*verb, &options->file);
    verb->add_option("--format", options->format, "What to write")
        ->check(CLI::IsMember({"html", "json", "csv", "markdown"}))
        ->capture_default_str();
    addStoreOption(*verb, &options->store);
    verb->callback([action, options] { *action = [options] { return report(*options); }; });
}

}  // namespace turnpike::cli
