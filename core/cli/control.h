// control.h - what the verbs that talk to a running server share.
#pragma once
#include <Poco/JSON/Object.h>

#include <string>

#include "base/result.h"

namespace turnpike::cli {

/// Where the server of that config listens for orders. Problems of the config go to stderr; empty then.
std::string controlSocket(const std::string& config_file);

/// Asks the running server; its answer as an object.
Result<Poco::JSON::Object::Ptr> askServer(const std::string& socket, const std::string& verb, int timeout_ms);

/// "turnpike: why" to stderr; 1, for the exit status.
int failed(const std::string& why);

}  // namespace turnpike::cli
