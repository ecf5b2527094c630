#include <Poco/JSON/Array.h>
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/control.h"
#include "cli/verbs.h"

namespace turnpike::cli {
namespace {

/// Until the new workers serve, or the config is refused.
int reload(const ControlOptions& options) {
    // A config with problems is the server's to refuse; only the socket's place is needed here.
    std::string socket = controlSocket(options);
    if (socket.empty()) return failed("nothing was changed: the running server keeps its configuration");
    auto answer = askServer(socket, "reload", -1);
    if (!answer) return failed(answer.error().text);
    auto problems = (*answer)->getArray("problems");
    for (size_t i = 0; i < problems->size(); ++i)
        std::fprintf(stderr, "%s\n", problems->getElement<std::string>(static_cast<unsigned>(i)).c_str());
    if (problems->size() > 0) return failed("nothing was changed: the running server keeps its configuration");
    std::printf("reloaded: generation %u serves\n", (*answer)->getValue<unsigned>("generation"));
    return 0;
}

}  // namespace

void addReload(CLI::App& app, Action* action) {
    auto options = std::make_shared<ControlOptions>();
    CLI::App* verb = app.add_subcommand("reload", "Make the running server take its configuration anew");
    addControlOptions(*verb, options.get());
    verb->callback([action, options] { *action = [options] { return reload(*options); }; });
}

}  // namespace turnpike::cli
