// settings.h - what the config says about one use of the plugin. Never changed after configure().
#pragma once
#include <cstdint>
#include <string>

#include "paths.h"
#include "sdk/plugin.hpp"
#include "sdk/support/networks.h"
#include "users.h"

namespace turnpike::access {

using support::Networks;

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
    {"users", TP_KEY_STRING, 0, "",
     "Absolute path of a file as htpasswd -B makes it: who may enter with name and password. Not below the site's "
     "root; read at start and at a reload. Empty: no password is asked for."},
    {"realm", TP_KEY_STRING, 0, "restricted", "What a browser shows when it asks for name and password."},
    {"remember", TP_KEY_DURATION, 0, "60s",
     "How long a worker remembers that a password was right, so that not every request pays for its slow hash. "
     "0s: "
     "not at all."},
    {"satisfy", TP_KEY_STRING, 0, "all",
     "\"all\": address and password must both be right. \"any\": one of them is enough."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    bool admits(std::string_view client) const {
        return !deny.contains(client) && (allow.isEmpty() || allow.contains(client));
    }

    Paths paths;
    support::Networks allow, deny;
    Users users;
    std::string challenge;  // the value of WWW-Authenticate
    uint64_t remember_ns;
    bool is_one_enough;
};

}  // namespace turnpike::access
