// host_name.h - what may stand in a site's `hosts`. Pure.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"

namespace turnpike::config {

/// "Example.org" -> "example.org"; "*.example.org", "*", "192.0.2.1" and "[2001:db8::1]" are hosts, too. The error
/// says what is wrong with any other.
Result<std::string> parseHostName(std::string_view text);

}  // namespace turnpike::config
