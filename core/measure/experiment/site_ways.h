// site_ways.h - the ways in which a site's dynamic pages could be run, made from its config: the same site with
// the plugin of its dynamic routes exchanged. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "measure/bed/installed.h"

namespace turnpike::measure {

struct SiteWay {
    std::string name;    // "fastcgi, tcp, kept"
    std::string change;  // what would stand in the route: "plugin = \"cgi\"", empty: nothing changes
    uint32_t needs = 0;  // of Need
    config::Site site;
};

/// The first is the site as it is, the second the same once more, which shows what chance does. Fewer than three:
/// its pages can be run in no other way. A backend that listens on TCP has `{PORT}` and the number of its route
/// for a port, so that it does not meet the one that runs. `php_cgi`: the program.
std::vector<SiteWay> waysOf(const config::Site& site, const std::string& php_cgi);

/// A config file with this site alone, which answers for every host, below `server`, the text of the tables before
/// it.
std::string siteConfig(const std::string& server, const config::Site& site);

}  // namespace turnpike::measure
