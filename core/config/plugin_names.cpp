#include "config/plugin_names.h"

#include <set>

namespace turnpike::config {

std::vector<std::string> pluginNames(const Snapshot& snapshot) {
    std::set<std::string> names;
    for (const Site& site : snapshot.sites) {
        for (const Route& route : site.routes) names.insert(route.use.plugin);
        for (const PluginUse& hook : site.hooks) names.insert(hook.plugin);
    }
    return {names.begin(), names.end()};
}

}  // namespace turnpike::config
