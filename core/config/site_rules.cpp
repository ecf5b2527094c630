#include "config/site_rules.h"

#include <cstring>

#include "config/pattern.h"
#include "config/suggest.h"

namespace turnpike::config {

void SiteRules::check(const ReadSite& read) {
    checkName(read);
    checkHosts(read);
    checkRoot(read);
    checkRoutes(read);
}

void SiteRules::checkName(const ReadSite& read) {
    auto [known, is_new] = names_.emplace(read.site.name, read.name_at);
    if (!is_new)
        problems_.push_back({read.name_at, "a site named " + quoted(read.site.name) + " is already at " +
                                               known->second.text() + ": give one of them another `name`"});
}

void SiteRules::checkHosts(const ReadSite& read) {
    for (const std::string& host : read.site.hosts) {
        auto [known, is_new] = hosts_.emplace(host, Taken{read.site.name, read.hosts_at});
        if (is_new) continue;
        std::string whose =
            " already belongs to site " + quoted(known->second.site) + " at " + known->second.at.text();
        std::string what =
            host == "*" ? "the place of the default site (hosts = [\"*\"])" : "host " + quoted(host);
        problems_.push_back({read.hosts_at, what + whose});
    }
}

void SiteRules::checkRoot(const ReadSite& read) {
    if (read.site.root.empty() || read.site.root == "/") return;
    int found = files_.checkFolder(read.site.root);
    if (found < 0)
        problems_.push_back(
            {read.root_at, "\"root\": cannot open folder " + read.site.root + ": " + std::strerror(-found)});
}

void SiteRules::checkRoutes(const ReadSite& read) {
    for (size_t i = 0; i < read.site.routes.size(); ++i) {
        std::string why = contradiction(read.site.routes[i].match);
        checkRouteRoot(read.site.routes[i], read.route_at[i]);
        if (!why.empty()) problems_.push_back({read.route_at[i], "no path can take this route: " + why});
    }
}

void SiteRules::checkRouteRoot(const Route& route, const Position& at) {
    if (route.root.empty()) return;
    if (!route.match.prefix.ends_with('/'))
        problems_.push_back(
            {at, "\"root\" needs a \"prefix\" that ends with \"/\": what follows is looked up in it"});
    if (!route.try_files.empty())
        problems_.push_back({at, "\"root\" and \"try\" do not go together: \"try\" looks in the site's root"});
    if (int found = files_.checkFolder(route.root); found < 0)
        problems_.push_back({at, "\"root\": cannot open folder " + route.root + ": " + std::strerror(-found)});
}

std::string contradiction(const Match& match) {
    if (match.exact.empty()) return {};
    std::string path = "\"exact\" " + quoted(match.exact);
    if (!match.exact.starts_with(match.prefix))
        return path + " does not begin with \"prefix\" " + quoted(match.prefix);
    bool has_suffix = match.suffix.empty() || match.exact.ends_with(match.suffix) ||
                      match.exact.find(match.suffix + "/") != std::string::npos;
    if (!has_suffix) return path + " does not end with \"suffix\" " + quoted(match.suffix);
    if (!match.pattern.empty() && !patternMatches(match.pattern, match.exact))
        return path + " does not match \"pattern\" " + quoted(match.pattern);
    return {};
}

}  // namespace turnpike::config
