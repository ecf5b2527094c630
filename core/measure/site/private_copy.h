// private_copy.h - a server of our own that has one site of the user's, and none of what the user's server has for
// itself. Pure.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "config/snapshot.h"

namespace turnpike::measure {

/// What a private server has to itself.
struct PrivatePlace {
    std::string folder;  // for its sockets and spooled bodies
    std::string error_log, access_log;
    uint16_t port = 0;
    std::function<uint16_t()> backend_port;  // a free one at each call
};

/// The server and its limits as they are, but for one address, files of its own, and no limit on what one client
/// may open; of the sites `site` alone. Backends that it starts listen at ports of their own.
config::Snapshot privateCopy(const config::Server& server, config::Site site, const PrivatePlace& place);

/// `site` with another route at that index. Where the same plugin has the same keys, it gets the new ones, too:
/// such routes share a backend.
config::Site withRoute(const config::Site& site, size_t index, const config::Route& route);

}  // namespace turnpike::measure
