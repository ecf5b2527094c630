#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/control.h"
#include "cli/verbs.h"
#include "process/control.h"

namespace turnpike::cli {
namespace {

/// The server says nothing when it stops: the end of the connection is its answer.
int stop(const ControlOptions& options) {
    std::string socket = controlSocket(options);
    if (socket.empty()) return 1;
    auto up = askServer(socket, "status", 5000);
    if (!up) return failed(up.error().text);
    (void)process::ask(socket, "stop", -1);
    auto still = process::ask(socket, "status", 1000);
    return still ? failed("the server is still there") : 0;
}

}  // namespace

void addStop(CLI::App& app, Action* action) {
    auto options = std::make_shared<ControlOptions>();
    CLI::App* verb = app.add_subcommand("stop", "Make the running server finish its requests and end");
    addControlOptions(*verb, options.get());
    verb->callback([action, options] { *action = [options] { return stop(*options); }; });
}

}  // namespace turnpike::cli
