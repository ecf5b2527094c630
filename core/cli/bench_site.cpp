#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/progress.h"
#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "config/write.h"
#include "measure/calibrate/fingerprint.h"
#include "measure/site/find_route.h"
#include "measure/site/private_copy.h"
#include "measure/site/site_bench.h"
#include "measure/site/site_view.h"
#include "measure/store/store.h"
#include "os/machine.h"
#include "os/privileges.h"
#include "os/signals.h"
#include "plugin/loader.h"
#include "server/host_table.h"

namespace turnpike::cli {
namespace {

constexpr int kInterrupted = 130;

struct Options {
    std::string config, target, page, store, show_config;
    unsigned blocks = 0;
    double seconds = 0;
    uint64_t seed = 0;
    bool is_quick = false, json = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

measure::Pace paceOf(const Options& options) {
    measure::Pace pace = measure::paceOf(options.is_quick ? measure::Extent::Quick : measure::Extent::Full);
    if (!options.is_quick) {
        pace.window_ms = 1000;
        pace.warm_up_ms = 5000;
    }
    if (options.seconds > 0) pace.window_ms = static_cast<uint64_t>(options.seconds * 1000);
    pace.least_window_ms = std::min(pace.least_window_ms, pace.window_ms);
    if (options.blocks != 0) pace.blocks = options.blocks;
    return pace;
}

std::string commandOf(const Options& options) {
    std::string text = "turnpike bench-site " + options.target + " -c " + options.config;
    if (!options.page.empty()) text += " --page " + options.page;
    if (options.is_quick) text += " --quick";
    if (options.seconds > 0) text += " --seconds " + std::to_string(options.seconds);
    if (options.blocks != 0) text += " --blocks " + std::to_string(options.blocks);
    return text;
}

measure::Run runOf(const Options& options, const measure::Pace& pace, const std::string& site) {
    measure::Run run;
    run.name = "bench-site " + site;
    run.command = commandOf(options);
    run.version = TURNPIKE_VERSION;
    run.seed = options.seed != 0 ? options.seed : os::randomNumber() >> 32 | 1;  // short enough to be typed
    run.blocks = pace.blocks;
    run.started_unix_ms = unixMs();
    run.fingerprint = measure::takeFingerprint();
    return run;
}

/// What is here to run pages with. The private servers' workers are whom the site's own are.
Result<measure::Installed> findInstalled(const config::Server& server) {
    auto installed = measure::findInstalled(os::executablePath());
    if (!installed || !os::isRoot()) return installed;
    auto workers = os::findIdentity(server.user, server.group);
    if (!workers) return workers.error();
    installed->workers = *workers;
    return installed;
}

measure::Present presentOf(const measure::Installed& installed, const config::Server& server) {
    const plugin::Loader loader(server.plugin_folder, os::ownIdentity().uid, server::hostTable());
    return {installed.php_fpm, installed.php_cgi, loader.names()};
}

int showConfig(const Options& options, const measure::SiteBed& bed, size_t route,
               const std::vector<measure::Way>& ways) {
    auto way = std::find_if(ways.begin(), ways.end(),
                            [&](const measure::Way& one) { return one.name == options.show_config; });
    if (way == ways.end()) {
        std::string names;
        for (const measure::Way& one : ways) names += (names.empty() ? "" : ", ") + one.name;
        return fail("there is no way \"" + options.show_config + "\" to run this page, but " + names);
    }
    measure::PrivatePlace place{way->name + ".run", "stderr", "stdout", 8080, [] { return uint16_t{9000}; }};
    const config::Snapshot copy =
        measure::privateCopy(bed.original(), measure::withRoute(*bed.choice().site, route, way->route), place);
    std::printf("# %s: %s\n%s", way->name.c_str(), way->what.c_str(), config::toml(copy).c_str());
    return 0;
}

/// Keeps the trials in the store; nothing: it was stopped.
Result<std::optional<measure::SiteResult>> measureWays(measure::SiteBed& bed, size_t route,
                                                       const measure::Admitted& admitted, const Options& options,
                                                       measure::Store& store, int signals) {
    const measure::Pace pace = paceOf(options);
    const measure::Run run = runOf(options, pace, bed.choice().site->name);
    const std::vector<measure::Plan> plans = measure::plansOf(admitted, bed.choice().target);
    std::vector<measure::Cell> cells;
    cells.reserve(plans.size());
    for (const measure::Plan& plan : plans) cells.push_back(plan.cell);
    auto id = store.begin(run, cells);
    if (!id) return id.error();
    ProgressBar bar;
    measure::Hooks hooks;
    hooks.keep = [&](const measure::Trial& trial) { return store.add(*id, trial); };
    hooks.tell = [&](const measure::Progress& progress) { bar.show(progress); };
    hooks.is_stopped = [&] { return os::nextSignal(signals) != 0; };
    bed.keepApart();
    measure::SiteBench bench(bed, pace, route, admitted);
    auto done = measure::run(plans, pace, run.seed, {}, bench, hooks);
    if (!done) return done.error();
    if (!*done) return std::optional<measure::SiteResult>();
    if (auto finished = store.finish(*id, unixMs()); !finished) return finished.error();
    auto trials = store.trials(*id);
    if (!trials) return trials.error();
    return std::optional(measure::resultOf(bed.choice(), admitted, run, cells, *trials));
}

std::string reasons(const std::vector<measure::LeftOut>& left_out) {
    std::string text;
    for (const measure::LeftOut& way : left_out) text += "\n  " + way.way + ": " + way.why;
    return text;
}

int compareWays(measure::SiteBed& bed, size_t route, const std::vector<measure::Way>& ways, const Options& options,
                measure::Store& store, int signals) {
    auto admitted = measure::admit(bed, route, ways);
    if (!admitted) return fail(admitted.error().text);
    if (admitted->ways.size() == 1)
        return fail("there is nothing to compare " + ways.front().name + " with:" + reasons(admitted->left_out));
    auto result = measureWays(bed, route, *admitted, options, store, signals);
    if (!result) return fail(result.error().text);
    if (!*result) return kInterrupted;
    std::fputs((options.json ? measure::siteJson(**result) : measure::siteText(**result)).c_str(), stdout);
    return 0;
}

int benchSite(const Options& options) {
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(options.config, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (!snapshot) return 1;
    auto choice = measure::choose(*snapshot, options.target, options.page);
    if (!choice) return fail(choice.error().text);
    auto installed = findInstalled(snapshot->server);
    if (!installed) return fail(installed.error().text);
    // Before the store, whose library starts threads: a signal must find nobody who does not block it.
    auto signals = os::watchSignals({SIGINT, SIGTERM, SIGHUP});
    if (!signals) return fail(signals.error().text);
    auto store = measure::Store::open(options.store);
    if (!store) return fail(store.error().text);
    auto bed = measure::SiteBed::make(*installed, snapshot->server, *choice);
    if (!bed) return fail(bed.error().text);
    auto route = measure::findRoute(**bed);
    if (!route) return fail(route.error().text);
    const measure::Ways ways = measure::waysOf(*choice->site, choice->site->routes[*route], choice->target,
                                               presentOf(*installed, snapshot->server));
    if (!options.show_config.empty()) return showConfig(options, **bed, *route, ways.all);
    if (!ways.why_alone.empty()) return fail(ways.why_alone);
    std::fprintf(
        stderr,
        "Only GET %s is sent, to private servers; the running one is left alone. What the page writes when "
        "it is\nread, it writes each time.\n",
        choice->target.c_str());
    return compareWays(**bed, *route, ways.all, options, *store, signals->get());
}

}  // namespace

void addBenchSite(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("bench-site",
                                        "Measure a site of yours under each way of running its pages, and advise");
    addConfigOption(*verb, &options->config);
    verb->add_option("SITE", options->target, "A URL of the site, its name, a host of it, or a path alone")
        ->required();
    verb->add_option("--page", options->page, "Which page, with its query; by default that of the URL, or /");
    verb->add_flag("--quick", options->is_quick, "Short windows and few blocks: half a minute");
    verb->add_option("--blocks", options->blocks, "How often each way is measured")->check(CLI::Range(2, 1000));
    verb->add_option("--seconds", options->seconds, "How long each time")->check(CLI::Range(0.05, 3600.0));
    verb->add_option("--seed", options->seed, "Of the order of trials; by default a new one")
        ->check(CLI::PositiveNumber);
    addStoreOption(*verb, &options->store);
    verb->add_flag("--json", options->json, "Print JSON in place of a table");
    verb->add_option("--show-config", options->show_config, "Print the config of a way, and end");
    verb->footer(
        "The page is asked for thousands of times, by GET alone, from private servers on copies of the config; "
        "the\n"
        "running server is left alone. What the page does it does each time: choose one that only reads. A "
        "backend\n"
        "that the config names by its address is shared with whoever uses it.");
    verb->callback([action, options] { *action = [options] { return benchSite(*options); }; });
}

}  // namespace turnpike::cli
