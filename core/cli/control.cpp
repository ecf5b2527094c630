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
    if (!options.socket.empty()) return options.socket;
    config::Server server;
    const auto unreadable = config::loadServer(options.file, &server);
    for (const config::Problem& problem : unreadable) std::fprintf(stderr, "%s\n", problem.text().c_str());
    if (unreadable.empty()) return server.control_socket;
    failed("so the place of its control socket is not known: mend the file, or name the socket with --socket");
    return "";
}

Result<Poco::JSON::Object::Ptr> askServer(const std::string& socket, const std::string& verb, int timeout_ms) {
    return parseAnswer(process::ask(socket, verb, timeout_ms));
}

Result<Poco::JSON::Object::Ptr> parseAnswer(const Result<std::string>& answer) {
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
