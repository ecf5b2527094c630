// entity_tag.h - ETags of compressed answers (RFC 9110 section 8.8.3). Pure; any thread.
//
// A strong tag promises the same bytes, which a compressed answer does not keep: its tag becomes weak. What
// answers behind this plugin compares If-None-Match weakly, as RFC 9110 section 13.1.2 wants it, so that it
// recognises the weak tag as its own without our help. A suffix would not be recognised.
#pragma once
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"

namespace turnpike::compress {

bool isStrong(std::string_view tag);
std::string weakened(std::string_view strong_tag);

/// Whether If-None-Match of the request names the strong tag by its weak form: what the client has was compressed.
bool isAskedWeakly(const tp_request_view& asked, std::string_view strong_tag);

}  // namespace turnpike::compress
