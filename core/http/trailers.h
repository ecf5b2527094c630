// trailers.h - fields behind the body of an HTTP/1.1 response (RFC 9112 section 7.1.2). Pure; any thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::http {

/// True when this value of TE says that its sender reads trailers (RFC 9110 section 10.1.4).
bool asksForTrailers(std::string_view te);

/// True when a trailer may have that name and value: isValidField(), and no field that is needed earlier.
bool isValidTrailer(std::string_view name, std::string_view value);

/// Appends the last chunk with these fields and the empty line behind them.
void appendLastChunk(std::string& to, const tp_field* trailers, size_t count);

}  // namespace turnpike::http
