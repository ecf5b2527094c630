#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/verbs.h"
#include "sdk/plugin.h"

namespace turnpike::cli {
namespace {

int printVersion() {
    std::printf("turnpike %s, plugin ABI %u.%u\n", TURNPIKE_VERSION, TP_ABI_MAJOR, TP_ABI_MINOR);
    return 0;
}

}  // namespace

void addVersion(CLI::App& app, Action* action) {
    app.add_subcommand("version", "Print the version of Turnpike and of its plugin ABI")->callback([action] {
        *action = printVersion;
    });
}

}  // namespace turnpike::cli
