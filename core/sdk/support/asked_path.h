// asked_path.h - the path that the client asked for. The view's path is that of the file or script which answers
// in the end: behind a front controller, or for an error page of the site, it says nothing about the visitor's
// URL. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::support {

/// As the host decoded and normalised it first; empty when the request had no acceptable path.
std::string askedPath(const tp_request_view& view);
/// The same of a target or an URL that somebody names.
std::string askedPath(std::string_view target);

}  // namespace turnpike::support
