// forwarded.h - the fields that tell an upstream who its client is: X-Forwarded-* and Forwarded (RFC 7239). Pure;
// any thread.
#pragma once
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"

namespace turnpike::proxy {

/// A lower-case name by which upstreams are told of the client. What a client says so of itself is never passed
/// on; what proxies in front said is in the request's address already, if they are trusted.
bool isForwardedField(std::string_view name);

/// The field lines for this request, at the end of `to`.
void appendForwarded(const tp_request_view& request, bool x_forwarded, bool rfc7239, std::string& to);

}  // namespace turnpike::proxy
