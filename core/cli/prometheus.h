// prometheus.h - the status of a server in the text format of Prometheus, version 0.0.4. Pure.
#pragma once
#include <Poco/JSON/Object.h>

#include <string>

namespace turnpike::cli {

/// `status`: as the server answers the verb of that name.
std::string prometheusText(const Poco::JSON::Object& status);

}  // namespace turnpike::cli
