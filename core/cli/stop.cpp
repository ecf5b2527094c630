#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/control.h"
#include "cli/verbs.h"
#include "process/control.h"

namespace turnpike::cli {
namespace {

/// The server says nothing when it stops: the end of the connection is its answer.
int stop(const std::string& file) {
    std::string socket = controlSocket(file);
    if (socket.empty()) return 1;
    auto up = askServer(socket, "status", 5000);
    if (!up) return failed(up.error().text);
    (void)process::ask(socket, "stop", -1);
    auto still = process::ask(socket, "status", 1000);
    return still ? failed("the server is still there") : 0;
}

}  // namespace

void addStop(CLI::App& app, Action* action) {
    auto file = std::make_shared<std::string>();
    CLI::App* verb = app.add_subcommand("stop", "Make the running server finish its requests and end");
    addConfigOption(*verb, file.get());
    verb->callback([action, file] { *action = [file] { return stop(*file); }; });
}

}  // namespace turnpike::cli
