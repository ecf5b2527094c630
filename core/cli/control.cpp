#include "cli/control.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/verbs.h"
#include "config/snapshot.h"
#include "process/control.h"

namespace turnpike::cli {

void addControlOptions(CLI::App& verb, ControlOptions* options) {
    addConfigOption(verb, &options->file);
    verb.add_option("--socket", options->socket, "The running server's control socket, instead of the config's");
}

std::string controlSocket(const ControlOptions& options) {
    return options.socket.empty() ? config::loadServer(options.file).control_socket : options.socket;
}

Result<Poco::JSON::Object::Ptr> askServer(const std::string& socket, const std::string& verb, int timeout_ms) {
    auto answer = process::ask(socket, verb, timeout_ms);
    if (!answer) return answer.error();
    try {
        Poco::JSON::Parser parser;
        auto object = parser.parse(*answer).extract<Poco::JSON::Object::Ptr>();
        if (object->has("error")) return Error{EPROTO, object->getValue<std::string>("error")};
        return object;
    } catch (const Poco::Exception& e) {
        return Error{EPROTO, "the server's answer cannot be read: " + e.displayText()};
    }
}

int failed(const std::string& why) {
    std::fprintf(stderr, "turnpike: %s\n", why.c_str());
    return 1;
}

}  // namespace turnpike::cli
