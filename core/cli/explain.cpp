#include "config/explain.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/control.h"
#include "cli/verbs.h"
#include "config/defaults.h"
#include "os/privileges.h"
#include "plugin/loader.h"
#include "server/host_table.h"

namespace turnpike::cli {
namespace {

int print(const std::string& text, bool found) {
    std::fputs(text.c_str(), found ? stdout : stderr);
    return found ? 0 : 1;
}

struct Options {
    std::string key, config;
    bool markdown = false, man = false;
};

/// Where plugins are looked for: as the config says, or without one as an empty config would. Empty: the config is
/// wrong, and stderr says why.
std::string pluginFolder(const std::string& config) {
    config::Server server;
    config::fillDefaults(server, config::thisMachine(), config::diskFiles());
    if (config.empty()) return server.plugin_folder;
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(config, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    return snapshot ? snapshot->server.plugin_folder : std::string();
}

/// "PLUGIN" or "PLUGIN.KEY". `otherwise`: what to say when there is no such plugin.
int explainPlugin(const Options& options, const std::string& otherwise) {
    const size_t dot = options.key.find('.');
    const std::string name = options.key.substr(0, dot);
    const std::string folder = pluginFolder(options.config);
    if (folder.empty()) return 1;
    plugin::Loader loader(folder, os::ownIdentity().uid, server::hostTable());
    const std::vector<std::string> names = loader.names();
    if (std::find(names.begin(), names.end(), name) == names.end()) return print(otherwise, false);
    auto table = loader.load(name);
    if (!table) return failed(table.error().text);
    bool found = false;
    std::string text = config::explainPlugin(name, (*table)->keys, (*table)->key_count,
                                             dot == std::string::npos ? "" : options.key.substr(dot + 1), &found);
    return print(text, found);
}

int explain(const Options& options) {
    if (options.markdown) return print(config::manual(), true);
    if (options.man) return print(config::manualPage(), true);
    if (options.key.empty()) return print(config::explainAll(), true);
    bool found = false;
    std::string text = config::explain(options.key, &found);
    return found ? print(text, true) : explainPlugin(options, text);
}

}  // namespace

void addExplain(CLI::App& app, Action* action) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("explain", "Tell what a configuration key means");
    verb->add_option(
        "KEY", options->key,
        "For example limits.header, a section like [server], a plugin or PLUGIN.KEY; none: all of the core");
    verb->add_option("-c,--config", options->config, "The configuration file that says where plugins are");
    verb->add_flag("--markdown", options->markdown, "Print the whole manual page of the configuration");
    verb->add_flag("--man", options->man, "Print the same for man(1)");
    verb->callback([action, options] { *action = [options] { return explain(*options); }; });
}

}  // namespace turnpike::cli
