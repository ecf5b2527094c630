// settings.h - what the config says about one use of the plugin. Never changed after configure().
#pragma once
#include "networks.h"
#include "paths.h"
#include "sdk/plugin.hpp"

namespace turnpike::access {

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"paths", TP_KEY_LIST, 0, nullptr,
     "The part of the site that is guarded: \"/admin\" means that path and all below it. Empty: all of the site."},
    {"allow", TP_KEY_LIST, 0, nullptr,
     "Clients that may enter, and nobody else: addresses, networks such as \"10.0.0.0/8\" or \"2001:db8::/32\", "
     "\"unix\" for clients of a unix socket, or \"all\". Empty: everyone."},
    {"deny", TP_KEY_LIST, 0, nullptr,
     "Clients that may not, written the same way. It wins over `allow`, whatever the order and the size of the "
     "networks."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    bool admits(std::string_view client) const {
        return !deny.contains(client) && (allow.isEmpty() || allow.contains(client));
    }

    Paths paths;
    Networks allow, deny;
};

}  // namespace turnpike::access
