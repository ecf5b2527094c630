// plugin_names.h - the plugins that a snapshot uses. Pure.
#pragma once
#include <string>
#include <vector>

#include "config/snapshot.h"

namespace turnpike::config {

/// Those that routes and hooks of all sites name, each once and sorted.
std::vector<std::string> pluginNames(const Snapshot& snapshot);

}  // namespace turnpike::config
