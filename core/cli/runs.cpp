#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/output.h"
#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "measure/report/runs.h"
#include "measure/store/store.h"

namespace turnpike::cli {
namespace {

struct Options {
    std::string store, run = "last", file, format = "json";
};

int fail(const Error& error) {
    std::fprintf(stderr, "turnpike: %s\n", error.text.c_str());
    return 1;
}

int list(const Options& options) {
    auto store = openExisting(options.store);
    if (!store) return fail(store.error());
    auto runs = store->runs();
    if (!runs) return fail(runs.error());
    std::vector<measure::report::RunEntry> entries;
    for (measure::Run& run : *runs) {
        auto tally = store->tally(run.id);
        if (!tally) return fail(tally.error());
        entries.push_back({std::move(run), *tally});
    }
    return put(measure::report::runTable(entries), "");
}

int show(const Options& options) {
    auto store = openExisting(options.store);
    if (!store) return fail(store.error());
    auto stored = readRun(*store, options.run);
    if (!stored) return fail(stored.error());
    return put(measure::report::runText(stored->run, stored->cells, stored->trials), "");
}

int exportRun(const Options& options) {
    auto store = openExisting(options.store);
    if (!store) return fail(store.error());
    auto stored = readRun(*store, options.run);
    if (!stored) return fail(stored.error());
    if (options.format == "csv")
        return put(measure::report::exportCsv(stored->cells, stored->trials), options.file);
    return put(measure::report::exportJson(stored->run, stored->cells, stored->trials), options.file);
}

int remove(const Options& options) {
    auto store = openExisting(options.store);
    if (!store) return fail(store.error());
    auto run = store->find(options.run);
    if (!run) return fail(run.error());
    auto tally = store->tally(run->id);
    if (!tally) return fail(tally.error());
    auto removed = store->remove(run->id);
    if (!removed) return fail(removed.error());
    std::printf("deleted run %lld%s with %llu trials\n", static_cast<long long>(run->id),
                run->name.empty() ? "" : (" (" + run->name + ")").c_str(),
                static_cast<unsigned long long>(tally->trials));
    return 0;
}

}  // namespace

void addRuns(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("runs", "List, show, export or delete the runs that were measured");
    addStoreOption(*verb, &options->store);
    verb->fallthrough();
    verb->require_subcommand(0, 1);
    auto add = [&](const char* name, const char* what, int (*run)(const Options&)) {
        CLI::App* sub = verb->add_subcommand(name, what);
        sub->callback([action, options, run] { *action = [options, run] { return run(*options); }; });
        return sub;
    };
    add("list", "All runs, the newest first", list);
    CLI::App* shown = add("show", "One run: what it was, where, and how many trials its cells have", show);
    CLI::App* exported = add("export", "One run with all its trials, for other programs", exportRun);
    CLI::App* removed = add("delete", "Take a run and its trials out of the store", remove);
    shown->add_option("RUN", options->run, "Number or name of a run, \"last\" or \"last~1\"")
        ->capture_default_str();
    exported->add_option("RUN", options->run, "As for show")->capture_default_str();
    exported->add_option("--format", options->format, "What to write")
        ->check(CLI::IsMember({"json", "csv"}))
        ->capture_default_str();
    addOutputOption(*exported, &options->file);
    removed->add_option("RUN", options->run, "As for show")->required();
    verb->callback([action, options, verb] {
        if (verb->get_subcommands().empty()) *action = [options] { return list(*options); };
    });
}

}  // namespace turnpike::cli
