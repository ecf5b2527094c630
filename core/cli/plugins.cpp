#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/control.h"
#include "cli/verbs.h"
#include "config/snapshot.h"
#include "os/privileges.h"
#include "plugin/loader.h"
#include "server/host_table.h"

namespace turnpike::cli {
namespace {

std::string roles(const tp_plugin& table) {
    std::string all;
    auto add = [&](bool has, const char* role) {
        if (has) all += all.empty() ? role : std::string(", ") + role;
    };
    add(table.on_request != nullptr, "handler");
    add(table.on_access != nullptr, "access hook");
    add(table.on_response != nullptr, "response filter");
    add(table.on_log != nullptr, "log observer");
    if (all.empty()) all = "no hooks";
    add((table.capabilities & TP_CAP_SCRIPTS) != 0, "runs scripts");
    add((table.capabilities & TP_CAP_BLOCKING) != 0, "blocks");
    add((table.capabilities & TP_CAP_RESIDENT) != 0, "never unloaded");
    return all;
}

int plugins(const std::string& file) {
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(file, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (!snapshot) return 1;
    plugin::Loader loader(snapshot->server.plugin_folder, os::ownIdentity().uid, server::hostTable());
    int status = 0;
    for (const std::string& name : loader.names()) {
        auto table = loader.load(name);
        if (!table) {
            status = failed(table.error().text);
            continue;
        }
        std::printf("%-12s %-8s %s (%s; ABI %u.%u)\n", name.c_str(), (*table)->version, (*table)->summary,
                    roles(**table).c_str(), (*table)->abi_major, (*table)->abi_minor);
    }
    return status;
}

}  // namespace

void addPlugins(CLI::App& app, Action* action) {
    auto file = std::make_shared<std::string>();
    CLI::App* verb =
        app.add_subcommand("plugins", "List the plugins that could be used, and those that could not");
    addConfigOption(*verb, file.get());
    verb->callback([action, file] { *action = [file] { return plugins(*file); }; });
}

}  // namespace turnpike::cli
