// field_line.h - one line of a head: what requests and responses have in common (RFC 9112 section 5). Pure; any
// thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sdk/http/syntax.h"
#include "sdk/plugin.h"

namespace turnpike::http {

/// Reads one field line without its CRLF; the name is turned to lower case in place, the value trimmed.
Refusal parseFieldLine(char* line, size_t size, tp_field& field);

/// Content-Length = 1*DIGIT, and not more than fits. False: it is something else.
bool readLength(std::string_view digits, int64_t& length);

}  // namespace turnpike::http
