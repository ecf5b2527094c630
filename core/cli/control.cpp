#include "cli/control.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Parser.h>

#include <cstdio>
#include <memory>

#include "config/snapshot.h"
#include "process/control.h"

namespace turnpike::cli {

std::string controlSocket(const std::string& config_file) {
    std::shared_ptr<const config::Snapshot> snapshot;
    for (const config::Problem& problem : config::load(config_file, &snapshot))
        std::fprintf(stderr, "%s\n", problem.text().c_str());
    return snapshot ? snapshot->server.control_socket : "";
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
