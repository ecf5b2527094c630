// vary.h - the answer depends on Accept-Encoding, and says so (RFC 9110 section 12.5.5). Pure; any thread.
#pragma once
#include <optional>
#include <string>

#include "sdk/plugin.hpp"

namespace turnpike::compress {

/// All Vary fields of the answer in one, with Accept-Encoding. Nothing: it is said already.
std::optional<std::string> mergedVary(const tp_response_view& answer);

}  // namespace turnpike::compress
