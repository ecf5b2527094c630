// renewal.h - what a request says that renews a stored answer while no client waits. Pure; any thread.
#pragma once
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::cache {

/// Of the fields of the request that found the answer stale: those that its key and its Vary (`vary`, lower case)
/// name, and what sites look at without saying so. Nobody's cookies, credentials, conditions or ranges. The views
/// are those of `view`.
std::vector<tp_field> renewalFields(const tp_request_view& view, std::string_view vary);

}  // namespace turnpike::cache
