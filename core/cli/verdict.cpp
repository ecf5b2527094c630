#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/stored_run.h"
#include "cli/verbs.h"
#include "measure/analysis/analysis.h"
#include "measure/analysis/view.h"

namespace turnpike::cli {
namespace {

struct Options {
    std::string run = "last", store;
    double supported_below = 10, refuted_above = 25;
    bool json = false;
};

int verdict(const Options& options) {
    if (options.supported_below > options.refuted_above) {
        std::fprintf(stderr, "turnpike: --supported-below must not be above --refuted-above\n");
        return 2;
    }
    auto stored = storedRun(options.store, options.run);
    if (!stored) {
        std::fprintf(stderr, "turnpike: %s\n", stored.error().text.c_str());
        return 1;
    }
    measure::Thresholds thresholds{options.supported_below / 100, options.refuted_above / 100};
    measure::Analysis analysis = measure::analyse(stored->run, stored->cells, stored->trials, thresholds);
    std::string text = options.json ? measure::verdictJson(analysis) : measure::verdictText(analysis);
    std::fputs(text.c_str(), stdout);
    return 0;
}

}  // namespace

void addVerdict(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb =
        app.add_subcommand("verdict", "Tell what a run says about the four claims, and whether to believe it");
    verb->add_option("RUN", options->run, "Number or name of a run, \"last\" or \"last~1\"")
        ->capture_default_str();
    verb->add_option("--supported-below", options->supported_below,
                     "A gain that is surely below so many per cent is no bottleneck")
        ->check(CLI::Range(0.0, 1000.0))
        ->capture_default_str();
    verb->add_option("--refuted-above", options->refuted_above, "One that is surely above so many per cent is")
        ->check(CLI::Range(0.0, 1000.0))
        ->capture_default_str();
    verb->add_flag("--json", options->json, "Print JSON in place of text");
    addStoreOption(*verb, &options->store);
    verb->footer("Exit status: 0 judged, whatever the verdicts; 1 there was nothing to judge.");
    verb->callback([action, options] { *action = [options] { return verdict(*options); }; });
}

}  // namespace turnpike::cli
