// find_route.h - which route of a site answers for a page: not guessed from the config, where plugins decline and
// `try` rewrites, but found by asking a private server and reading its log.
#pragma once
#include "measure/site/site_bed.h"

namespace turnpike::measure {

/// The index of the route. An error: the page is no 200, or no route answered, and what to do.
Result<size_t> findRoute(SiteBed& bed);

/// The plugin named in the last line of an access log in JSON; empty: there is none. Pure.
std::string lastPlugin(const std::string& log);

}  // namespace turnpike::measure
