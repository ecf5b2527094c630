// site_totals.h - what the workers counted for each site and plugin, over all that live or lived. In the master.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "ledger/plugin_slots.h"
#include "ledger/site_slots.h"

namespace turnpike::process {

/// By the site's name: a site that a reload moves in the config stays the same one.
using SiteTotals = std::map<std::string, ledger::SiteTotals>;

inline void addSites(SiteTotals& totals, const std::vector<config::Site>& sites, const ledger::SiteSlots& slots) {
    for (size_t i = 0; i < sites.size() && i < slots.count(); ++i)
        if (slots.counters(i).requests > 0) totals[sites[i].name].add(slots, i);
}

using PluginTotals = std::map<std::string, ledger::PluginTime>;

inline void addPlugins(PluginTotals& totals, const std::vector<std::string>& names,
                       const ledger::PluginSlots& slots) {
    for (size_t i = 0; i < slots.count(); ++i) totals[names[i]].add(slots.of(i));
}

}  // namespace turnpike::process
