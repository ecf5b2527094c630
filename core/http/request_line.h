// request_line.h - method, target and version (RFC 9112 section 3). Pure; any thread.
#pragma once
#include <cstddef>

#include "http/authority.h"
#include "http/request_head.h"
#include "http/syntax.h"

namespace turnpike::http {

/// Reads a request line without its CRLF into method, target, path, query, version and scheme of `head`.
/// `authority` is that of an absolute-form target, with an empty host otherwise; its host is turned to lower case
/// in place.
Refusal parseRequestLine(char* line, size_t size, RequestHead& head, Authority& authority);

/// TP_METHOD_* of a name.
int32_t methodNumber(std::string_view name);

/// Reads absolute-path [ "?" query ] into path and query of `head`.
Refusal readOriginForm(std::string_view target, RequestHead& head);

}  // namespace turnpike::http
