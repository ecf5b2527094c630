#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "config/snapshot.h"
#include "config/write.h"
#include "server/worker.h"

namespace turnpike::cli {
namespace {

std::string counted(size_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string summary(const config::Snapshot& snapshot) {
    size_t routes = 0, hooks = 0;
    for (const config::Site& site : snapshot.sites) {
        routes += site.routes.size();
        hooks += site.hooks.size();
    }
    return counted(snapshot.sites.size(), "site") + ", " + counted(routes, "route") + ", " +
           counted(hooks, "hook") + ", " + counted(snapshot.files.size(), "file");
}

struct CheckOptions {
    std::string file;
    bool is_deep = false, is_dump = false;
};

int check(const CheckOptions& options) {
    std::shared_ptr<const config::Snapshot> snapshot;
    std::vector<config::Problem> problems = config::load(options.file, &snapshot);
    // Plugins only where the file itself is in order: their complaints would be about what is wrong already.
    if (problems.empty()) {
        std::vector<config::Problem> findings;
        problems = server::probePlugins(*snapshot, nullptr, {}, options.is_deep ? &findings : nullptr);
        problems.insert(problems.end(), findings.begin(), findings.end());
    }
    for (const config::Problem& problem : problems) std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (problems.empty()) {
        const std::string said = options.is_dump ? config::toml(*snapshot) : "ok: " + summary(*snapshot) + "\n";
        std::fputs(said.c_str(), stdout);
        return 0;
    }
    std::fprintf(stderr, "%s\n", counted(problems.size(), "problem").c_str());
    return 1;
}

}  // namespace

void addCheck(CLI::App& app, Action* action) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* verb = app.add_subcommand("check", "Tell everything that is wrong with a configuration");
    addConfigOption(*verb, &options->file);
    verb->add_flag("--deep", options->is_deep,
                   "Look through the files of the sites as well: .htaccess files that would close their folders");
    verb->add_flag("--dump", options->is_dump,
                   "Print what holds: one file with every key, defaults, presets and included files");
    verb->callback([action, options] { *action = [options] { return check(*options); }; });
}

}  // namespace turnpike::cli
