// control.h - what the verbs that talk to a running server share.
#pragma once
#include <Poco/JSON/Object.h>

#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace turnpike::cli {

/// How a verb finds the running server: by the config's control_socket, or by the socket itself.
struct ControlOptions {
    std::string file, socket;
};
/// `-c FILE` and `--socket PATH`. `options` must live as long as `verb`.
void addControlOptions(CLI::App& verb, ControlOptions* options);

/// Where the server listens for orders. Only a config that cannot be read at all matters: then stderr says so, and
/// the result is empty.
std::string controlSocket(const ControlOptions& options);

/// Asks the running server; its answer as an object.
Result<Poco::JSON::Object::Ptr> askServer(const std::string& socket, const std::string& verb, int timeout_ms);

/// What a server said, as an object; its {"error": ...} as an error.
Result<Poco::JSON::Object::Ptr> parseAnswer(const Result<std::string>& answer);

/// "turnpike: why" to stderr; 1, for the exit status.
int failed(const std::string& why);

}  // namespace turnpike::cli
