#include "measure/site/private_copy.h"

#include <algorithm>
#include <map>

#include "measure/site/route_keys.h"

namespace turnpike::measure {
namespace {

/// Two servers cannot listen at one port. Routes that named the same one share a backend, and go on to.
void moveBackends(config::Site& site, const PrivatePlace& place) {
    std::map<std::string, std::string> moved;
    for (config::Route& route : site.routes) {
        RouteKeys keys(route.use.keys);
        if (route.use.plugin != "fastcgi" || !keys.has("listen")) continue;
        auto [to, is_new] = moved.try_emplace(keys.text("listen"));
        if (is_new) to->second = "127.0.0.1:" + std::to_string(place.backend_port());
        keys.set("listen", to->second);
        route.use.keys = keys.all();
    }
}

bool isSame(const config::PluginUse& a, const config::PluginUse& b) {
    auto isSameKey = [](const config::RawKey& x, const config::RawKey& y) {
        return x.name == y.name && x.value == y.value;
    };
    return a.plugin == b.plugin &&
           std::equal(a.keys.begin(), a.keys.end(), b.keys.begin(), b.keys.end(), isSameKey);
}

}  // namespace

config::Snapshot privateCopy(const config::Server& server, config::Site site, const PrivatePlace& place) {
    config::Snapshot copy;
    copy.server = server;
    copy.server.listen = {{"127.0.0.1:" + std::to_string(place.port)}};
    site.tls = {};  // the load speaks plain HTTP
    site.redirect_https = false;
    copy.server.runtime_folder = place.folder;
    copy.server.spool_folder = place.folder + "/spool";
    copy.server.control_socket = place.folder + "/control.sock";
    copy.server.purge_socket.clear();
    copy.server.pid_file = place.folder + "/turnpike.pid";
    copy.server.error_log = place.error_log;
    copy.server.access_log = place.access_log;
    copy.server.limits.connections_per_address = 0;  // the load comes from one address
    site.access_log = place.access_log;
    moveBackends(site, place);
    copy.sites.push_back(std::move(site));
    return copy;
}

config::Site withRoute(const config::Site& site, size_t index, const config::Route& route) {
    config::Site to = site;
    for (config::Route& other : to.routes)
        if (isSame(other.use, site.routes[index].use)) other.use = route.use;
    to.routes[index] = route;
    return to;
}

}  // namespace turnpike::measure
