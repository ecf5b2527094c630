// request_facts.h - what rules may ask of a request, by name. Views live as long as the request's.
#pragma once
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::rewrite {

inline std::string_view scheme(const tp_request_view& view) { return view.secure != 0 ? "https" : "http"; }

/// The value of a cookie, empty when there is none of that name (RFC 6265 section 4.2). The first one counts.
std::string_view cookie(const tp_request_view& view, std::string_view name);

/// As the list of a route's `try`: a regular file, or with a slash at the end a folder, of the request's site.
bool exists(const tp_io& io, tp_request* request, std::string_view path);

}  // namespace turnpike::rewrite
