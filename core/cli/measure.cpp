#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "measure/analysis/analysis.h"
#include "measure/analysis/view.h"
#include "measure/experiment/session.h"
#include "measure/experiment/table.h"
#include "os/machine.h"
#include "os/signals.h"

namespace turnpike::cli {
namespace {

constexpr int kInterrupted = 130;

struct Options {
    measure::Order order;
    std::string store, resume, baseline, keep, show_config;
    bool is_quick = false, is_all = false, wants_list = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

int list() {
    for (const measure::Experiment& one : measure::experiments()) {
        std::printf("%s  %s\n", one.name.c_str(), one.what.c_str());
        const size_t quick = measure::plansOf(measure::Extent::Quick, {one.name}).size();
        std::printf("    %zu cells, %zu of them with --quick; servers:",
                    measure::plansOf(measure::Extent::Full, {one.name}).size(), quick);
        for (const measure::Configuration& server : measure::configurations())
            if (server.name.starts_with(one.name + "-")) std::printf(" %s", server.name.c_str());
        std::printf("\n");
    }
    return 0;
}

int showConfig(const std::string& name) {
    const measure::Configuration* found = measure::findConfiguration(name);
    if (found == nullptr) return fail("there is no server \"" + name + "\": `turnpike measure --list` names them");
    measure::Place place;
    place.folder = "FOLDER";
    place.port = 8080;
    place.backend_port = 9000;
    place.database_port = 3307;
    place.database_password = "PASSWORD";
    place.php_cgi = "/usr/bin/php-cgi";
    std::fputs(found->text(place).c_str(), stdout);
    return 0;
}

int layOut(const std::string& folder) {
    auto installed = measure::findInstalled(os::executablePath());
    if (!installed) return fail(installed.error().text);
    auto bed = measure::Bed::make(*installed, folder);
    if (!bed) return fail(bed.error().text);
    std::printf(
        "%s has the pages, the programs and a config for each server. Start one with\n"
        "    %s serve -c %s/E5-responder-unix-kept.toml\n",
        (*bed)->folder().c_str(), installed->program.c_str(), (*bed)->folder().c_str());
    return 0;
}

Result<measure::Session> openSession(const Options& options, const measure::Store& store,
                                     const measure::Installed& installed) {
    if (!options.resume.empty()) return measure::oldSession(store, options.resume, installed);
    return measure::newSession(options.order, installed);
}

/// The table, and how it compares with the baseline.
int print(const Options& options, int64_t id) {
    auto measured = storedRun(options.store, std::to_string(id));
    if (!measured) return fail(measured.error().text);
    std::fputs(measure::cellTable(measure::analyse(measured->run, measured->cells, measured->trials)).c_str(),
               stdout);
    const auto number = static_cast<long long>(id);
    std::printf("\nRun %lld. `turnpike verdict %lld` judges it, `turnpike report %lld -o report.html` shows it.\n",
                number, number, number);
    if (options.baseline.empty()) return 0;
    auto before = storedRun(options.store, options.baseline);
    if (!before) return fail(before.error().text);
    const measure::Comparison comparison = measure::compareRuns(*before, *measured);
    std::printf("\n%s", measure::comparisonText(comparison).c_str());
    return comparison.hasRegression() ? kRegression : 0;
}

/// A baseline that is not there should not come to light after two hours.
std::string whyNoBaseline(const Options& options) {
    if (options.baseline.empty()) return {};
    auto before = storedRun(options.store, options.baseline);
    return before ? std::string() : before.error().text;
}

int measureAll(const Options& options, int signals) {
    if (const std::string why = whyNoBaseline(options); !why.empty()) return fail(why);
    auto installed = measure::findInstalled(os::executablePath());
    if (!installed) return fail(installed.error().text);
    auto store = measure::Store::open(options.store);
    if (!store) return fail(store.error().text);
    auto session = openSession(options, *store, *installed);
    if (!session) return fail(session.error().text);
    for (const std::string& reason : session->left_out) std::fprintf(stderr, "%s\n", reason.c_str());
    auto bed = measure::Bed::make(*installed, options.keep);
    if (!bed) return fail(bed.error().text);
    ProgressBar bar;
    measure::Hooks hooks;
    hooks.tell = [&](const measure::Progress& progress) { bar.show(progress); };
    hooks.say = [&](const std::string& text) {
        bar.clear();
        std::fprintf(stderr, "%s\n", text.c_str());
    };
    hooks.is_stopped = [&] { return os::nextSignal(signals) != 0; };
    auto done = measure::measure(*session, **bed, *store, hooks);
    bar.clear();
    if (!done) return fail(done.error().text);
    if (*done) return print(options, session->run.id);
    std::fprintf(stderr, "turnpike: stopped; go on with `turnpike measure --resume %lld`\n",
                 static_cast<long long>(session->run.id));
    return kInterrupted;
}

/// What repeats the run.
std::string commandOf(const Options& options) {
    std::string text = "turnpike measure";
    for (const std::string& name : options.order.experiments) text += " " + name;
    for (const std::string& part : options.order.only) text += " --only " + part;
    text += options.is_quick ? " --quick" : options.is_all ? " --all" : "";
    if (options.order.blocks != 0) text += " --blocks " + std::to_string(options.order.blocks);
    return text;
}

int measureVerb(Options& options) {
    if (options.wants_list) return list();
    if (!options.show_config.empty()) return showConfig(options.show_config);
    const bool has_order = options.is_quick || options.is_all || !options.order.experiments.empty();
    if (!has_order && options.resume.empty()) {
        if (!options.keep.empty()) return layOut(options.keep);
        return fail("say what to measure: --quick (two minutes), experiments by name, or --all (some hours)");
    }
    options.order.extent = options.is_quick ? measure::Extent::Quick : measure::Extent::Full;
    options.order.command = commandOf(options);
    // Before the store, whose library starts threads: a signal must find nobody who does not block it.
    auto signals = os::watchSignals({SIGINT, SIGTERM, SIGHUP});
    if (!signals) return fail(signals.error().text);
    return measureAll(options, signals->get());
}

}  // namespace

void addMeasure(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand(
        "measure", "Measure what crossings, hops and processes cost, with servers of its own in a private folder");
    verb->add_option("EXPERIMENT", options->order.experiments, "E0, E1, ...: see --list; by default all");
    auto* quick = verb->add_flag("--quick", options->is_quick, "The most telling cells, in two minutes");
    verb->add_flag("--all", options->is_all, "The whole matrix, in some hours")->excludes(quick);
    verb->add_option("--only", options->order.only, "Only cells whose key has this in it: unix/kept");
    verb->add_option("--blocks", options->order.blocks, "How often each cell is measured")
        ->check(CLI::Range(1, 1000));
    verb->add_option("--seed", options->order.seed, "Of the order of trials; by default a new one")
        ->check(CLI::PositiveNumber);
    addStoreOption(*verb, &options->store);
    verb->add_option("--name", options->order.name, "What to call the run");
    verb->add_option("--resume", options->resume, "Go on with a run that was interrupted; by default the last one")
        ->expected(0, 1)
        ->default_str("last");
    verb->add_option("--baseline", options->baseline,
                     "Compare with this run at the end, as `turnpike compare` does, with its exit status");
    verb->add_option(
        "--keep", options->keep,
        "Lay the servers' files out in this folder, and leave them there; does nothing else when there "
        "is nothing to measure");
    verb->add_option("--show-config", options->show_config, "Print the config of a server under test, and end");
    verb->add_flag("--list", options->wants_list, "List the experiments and their servers, and end");
    verb->callback([action, options] { *action = [options] { return measureVerb(*options); }; });
}

}  // namespace turnpike::cli
