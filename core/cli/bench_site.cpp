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
#include "config/snapshot.h"
#include "measure/calibrate/fingerprint.h"
#include "measure/experiment/site_advice.h"
#include "measure/experiment/site_bench.h"
#include "measure/load/load_url.h"
#include "measure/store/store.h"
#include "os/machine.h"
#include "os/signals.h"

namespace turnpike::cli {
namespace {

constexpr int kInterrupted = 130;

struct Options {
    std::string config, target, path = "/", store;
    unsigned blocks = 0;
    uint64_t seed = 0;
    bool is_quick = false;
};

int fail(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

bool takes(const config::Site& site, const std::string& host) {
    return std::any_of(site.hosts.begin(), site.hosts.end(), [&](const std::string& known) {
        return known == host || (known.starts_with("*.") && host.ends_with(known.substr(1)));
    });
}

/// By its name or a host of it; whoever has "*" takes any host.
const config::Site* findSite(const config::Snapshot& snapshot, const std::string& name) {
    for (const config::Site& site : snapshot.sites)
        if (site.name == name || takes(site, name)) return &site;
    for (const config::Site& site : snapshot.sites)
        if (takes(site, "*")) return &site;
    return nullptr;
}

struct Target {
    const config::Site* site = nullptr;
    measure::SiteVisit visit;
};

Result<Target> findTarget(const Options& options, const config::Snapshot& snapshot) {
    Target target;
    std::string name = options.target;
    if (name.starts_with("http")) {
        auto url = measure::parseLoadUrl(name);
        if (!url) return url.error();
        name = url->host;
        target.visit = {url->hostField(), url->target};
    } else {
        auto path = measure::parseTarget(options.path);
        if (!path) return path.error();
        target.visit = {name, *path};
    }
    target.site = findSite(snapshot, name);
    if (target.site == nullptr)
        return Error{ENOENT, "no site of " + options.config + " has the name or host " + name};
    if (target.site->name == name && !takes(*target.site, name) && !target.site->hosts.empty())
        target.visit.host = target.site->hosts.front() == "*" ? "localhost" : target.site->hosts.front();
    return target;
}

measure::Pace paceOf(const Options& options) {
    measure::Pace pace = measure::paceOf(options.is_quick ? measure::Extent::Quick : measure::Extent::Full);
    if (!options.is_quick) {
        pace.window_ms = 1000;
        pace.warm_up_ms = 5000;
    }
    if (options.blocks != 0) pace.blocks = options.blocks;
    return pace;
}

measure::Run runOf(const Options& options, const measure::Pace& pace, const std::string& site) {
    measure::Run run;
    run.name = "bench-site " + site;
    run.command =
        "turnpike bench-site " + options.target + " -c " + options.config + (options.is_quick ? " --quick" : "");
    run.version = TURNPIKE_VERSION;
    run.seed = options.seed != 0 ? options.seed : os::randomNumber() >> 32 | 1;
    run.blocks = pace.blocks;
    run.started_unix_ms = unixMs();
    run.fingerprint = measure::takeFingerprint();
    return run;
}

/// Those that answer; what the others lack is said.
std::vector<measure::Plan> plansThatWork(const std::vector<measure::SiteWay>& ways,
                                         const std::vector<std::string>& problems,
                                         const measure::SiteVisit& visit) {
    for (size_t i = 0; i < ways.size(); ++i)
        if (!problems[i].empty())
            std::fprintf(stderr, "left out: %s: %s\n", ways[i].name.c_str(), problems[i].c_str());
    std::vector<measure::Plan> plans = measure::plansOf(ways, visit);
    std::erase_if(plans,
                  [&](const measure::Plan& plan) { return !problems[std::stoul(plan.cell.config)].empty(); });
    return plans;
}

/// Keeps the trials in the store and gives them back; nothing: it was stopped.
Result<std::optional<std::vector<measure::Trial>>> measureWays(measure::SiteBench& bench,
                                                               const std::vector<measure::Plan>& plans,
                                                               const measure::Pace& pace, const measure::Run& run,
                                                               measure::Store& store, int signals) {
    std::vector<measure::Cell> cells;
    for (const measure::Plan& plan : plans) cells.push_back(plan.cell);
    auto id = store.begin(run, cells);
    if (!id) return id.error();
    ProgressBar bar;
    measure::Hooks hooks;
    hooks.keep = [&](const measure::Trial& trial) { return store.add(*id, trial); };
    hooks.tell = [&](const measure::Progress& progress) { bar.show(progress); };
    hooks.is_stopped = [&] { return os::nextSignal(signals) != 0; };
    bench.keepApart();
    auto done = measure::run(plans, pace, run.seed, {}, bench, hooks);
    if (!done) return done.error();
    if (!*done) return std::optional<std::vector<measure::Trial>>();
    if (auto finished = store.finish(*id, unixMs()); !finished) return finished.error();
    auto trials = store.trials(*id);
    if (!trials) return trials.error();
    return std::optional(std::move(*trials));
}

int benchSite(const Options& options) {
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(options.config, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (!snapshot) return 1;
    auto target = findTarget(options, *snapshot);
    if (!target) return fail(target.error().text);
    auto installed = measure::findInstalled(os::executablePath());
    if (!installed) return fail(installed.error().text);
    const std::vector<measure::SiteWay> ways = measure::waysOf(*target->site, installed->php_cgi);
    if (ways.size() < 3)
        return fail("the pages of site " + target->site->name +
                    " can be run in no other way: it has neither PHP nor a FastCGI program");
    auto signals = os::watchSignals({SIGINT, SIGTERM, SIGHUP});
    if (!signals) return fail(signals.error().text);
    auto store = measure::Store::open(options.store);
    if (!store) return fail(store.error().text);
    const measure::Pace pace = paceOf(options);
    auto bench = measure::SiteBench::make(*installed, snapshot->server, ways, target->visit, pace);
    if (!bench) return fail(bench.error().text);
    auto problems = (*bench)->tryWays();
    if (!problems) return fail(problems.error().text);
    const measure::Run run = runOf(options, pace, target->site->name);
    auto trials =
        measureWays(**bench, plansThatWork(ways, *problems, target->visit), pace, run, *store, signals->get());
    if (!trials) return fail(trials.error().text);
    if (!*trials) return kInterrupted;
    const auto results = measure::resultsOf(ways, **trials, run.seed);
    std::printf("%s%s of site %s, with one worker, load and server on this machine\n\n%s\n%s",
                target->visit.host.c_str(), target->visit.path.c_str(), target->site->name.c_str(),
                measure::wayTable(results).c_str(), measure::wayAdvice(results).c_str());
    return 0;
}

}  // namespace

void addBenchSite(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("bench-site",
                                        "Measure a site of yours under each way of running its pages, and advise");
    addConfigOption(*verb, &options->config);
    verb->add_option("SITE", options->target, "http://HOST/PATH, or the site's name or host")->required();
    verb->add_option("--path", options->path, "Which page, when SITE is no URL")->capture_default_str();
    verb->add_flag("--quick", options->is_quick, "Shorter windows, fewer blocks");
    verb->add_option("--blocks", options->blocks, "How often each way is measured")->check(CLI::Range(2, 1000));
    verb->add_option("--seed", options->seed, "Of the order of trials; by default a new one")
        ->check(CLI::PositiveNumber);
    addStoreOption(*verb, &options->store);
    verb->footer(
        "The page is asked for thousands of times, by private servers on copies of the config; the running server "
        "is\n"
        "left alone. What the page does it does each time: choose one that only reads. A backend that the config\n"
        "names by its address is shared with whoever uses it.");
    verb->callback([action, options] { *action = [options] { return benchSite(*options); }; });
}

}  // namespace turnpike::cli
