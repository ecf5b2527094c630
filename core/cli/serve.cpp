#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/verbs.h"
#include "config/snapshot.h"
#include "process/master.h"
#include "server/worker.h"

namespace turnpike::cli {
namespace {

process::Problems texts(const std::vector<config::Problem>& problems) {
    process::Problems lines;
    for (const config::Problem& problem : problems) lines.push_back(problem.text());
    return lines;
}

int serve(const std::string& file) {
    process::MasterOptions options;
    options.config_path = std::filesystem::absolute(file).string();
    options.load = [](const std::string& path, std::shared_ptr<const config::Snapshot>* out) {
        return texts(config::load(path, out));
    };
    options.probe = [](const config::Snapshot& snapshot, server::Declared* declared,
                       const server::Trying& trying) {
        return texts(server::probePlugins(snapshot, declared, trying));
    };
    options.run_worker = server::runWorker;
    return process::Master(std::move(options)).run();
}

}  // namespace

void addServe(CLI::App& app, Action* action) {
    auto file = std::make_shared<std::string>();
    CLI::App* verb = app.add_subcommand("serve", "Serve until told to stop");
    addConfigOption(*verb, file.get());
    verb->callback([action, file] { *action = [file] { return serve(*file); }; });
}

}  // namespace turnpike::cli
