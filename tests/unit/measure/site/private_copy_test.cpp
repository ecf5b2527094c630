#include "measure/site/private_copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/site/find_route.h"
#include "measure/site/route_keys.h"

namespace turnpike::measure {
namespace {

config::Route route(const std::string& prefix, const std::string& plugin, std::vector<config::RawKey> keys = {}) {
    config::Route route;
    route.match.prefix = prefix;
    route.use = {plugin, {}, std::move(keys)};
    return route;
}

PrivatePlace place(uint16_t first_port = 9001) {
    return {"/private/run", "/private/error", "/private/access", 8001,
            [first_port]() mutable { return first_port++; }};
}

std::string listenOf(const config::Route& route) { return RouteKeys(route.use.keys).text("listen"); }

TEST(PrivateCopy, HasNothingOfTheServerThatRuns) {
    config::Server server;
    server.listen = {{":80"}, {"unix:/run/site.sock"}};
    server.runtime_folder = "/run/turnpike";
    server.control_socket = "/run/turnpike/control.sock";
    server.pid_file = "/run/turnpike.pid";
    server.spool_folder = "/var/cache/turnpike";
    server.error_log = server.access_log = "stderr";
    server.workers = 3;
    server.limits.keepalive_ms = 7;
    server.limits.connections_per_address = 2;
    config::Site site;
    site.name = "mine";
    const config::Snapshot copy = privateCopy(server, site, place());
    ASSERT_EQ(copy.server.listen.size(), 1u);
    EXPECT_EQ(copy.server.listen.front().address, "127.0.0.1:8001");
    for (const std::string& path : {copy.server.runtime_folder, copy.server.control_socket, copy.server.pid_file,
                                    copy.server.spool_folder, copy.server.error_log, copy.server.access_log})
        EXPECT_TRUE(path.starts_with("/private/")) << path;
    EXPECT_EQ(copy.server.workers, 3u);
    EXPECT_EQ(copy.server.limits.keepalive_ms, 7u);
    EXPECT_EQ(copy.server.limits.connections_per_address, 0u);
    ASSERT_EQ(copy.sites.size(), 1u);
    EXPECT_EQ(copy.sites[0].name, "mine");
}

TEST(PrivateCopy, GivesBackendsThatListenPortsOfTheirOwn) {
    const config::RawKey shared{"listen", std::string("127.0.0.1:9000"), {}};
    config::Site site;
    site.routes = {route("/a", "fastcgi", {shared}), route("/b", "fastcgi"), route("/c", "fastcgi", {shared}),
                   route("/d", "fastcgi", {{"listen", std::string("127.0.0.1:9500"), {}}}),
                   route("/e", "other", {shared})};
    const config::Snapshot copy = privateCopy({}, site, place(9001));
    const auto& routes = copy.sites[0].routes;
    EXPECT_EQ(listenOf(routes[0]), "127.0.0.1:9001");
    EXPECT_EQ(listenOf(routes[1]), "");
    EXPECT_EQ(listenOf(routes[2]), "127.0.0.1:9001");
    EXPECT_EQ(listenOf(routes[3]), "127.0.0.1:9002");
    EXPECT_EQ(listenOf(routes[4]), "127.0.0.1:9000");  // what that means is the plugin's
}

TEST(WithRoute, ChangesTheRouteAndThoseThatShareItsBackend) {
    const config::RawKey own{"command", std::vector<std::string>{"/app"}, {}};
    config::Site site;
    site.routes = {route("/a", "fastcgi", {own}), route("/b", "static"), route("/c", "fastcgi", {own}),
                   route("/d", "fastcgi")};
    const config::Site swapped = withRoute(site, 0, route("/a", "cgi"));
    EXPECT_EQ(swapped.routes[0].use.plugin, "cgi");
    EXPECT_EQ(swapped.routes[1].use.plugin, "static");
    EXPECT_EQ(swapped.routes[2].use.plugin, "cgi");
    EXPECT_EQ(swapped.routes[2].match.prefix, "/c");
    EXPECT_EQ(swapped.routes[3].use.plugin, "fastcgi");
}

TEST(LastPlugin, IsThatOfTheLastLine) {
    EXPECT_EQ(lastPlugin("{\"plugin\":\"static\",\"x\":1}\n{\"plugin\":\"fastcgi\"}\n"), "fastcgi");
    EXPECT_EQ(lastPlugin("{\"plugin\":\"\"}\n"), "");
    EXPECT_EQ(lastPlugin(""), "");
    EXPECT_EQ(lastPlugin("\n"), "");
    EXPECT_EQ(lastPlugin("{\"plugin\":\"sta"), "");
}

}  // namespace
}  // namespace turnpike::measure
