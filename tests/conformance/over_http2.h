// over_http2.h - the requests of these tests, which are written as HTTP/1.1 sends them, over HTTP/2.
#pragma once
#include <optional>
#include <string>

#include "support/raw_client.h"

namespace turnpike::conformance {

/// The answer to `request` over HTTP/2 with prior knowledge: its Host becomes :authority, fields of one connection
/// and of the framing go, names become lower case, a chunked body becomes DATA. Nothing for what HTTP/2 cannot
/// say: HTTP/1.0 and a target in absolute form.
std::optional<Answer> askOverHttp2(uint16_t port, const std::string& request);

}  // namespace turnpike::conformance
