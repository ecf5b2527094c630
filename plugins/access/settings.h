// settings.h - what the config says about one use of the plugin. Never changed after configure().
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "auth_settings.h"
#include "limit_settings.h"
#include "paths.h"
#include "sdk/plugin.hpp"
#include "sdk/support/networks.h"
#include "users.h"

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
    {"rate", TP_KEY_STRING, 0, "",
     "How often a client may ask: \"10/s\", \"300/min\", \"1000/h\" or \"5000/day\". Who asks more often gets 429 "
     "with Retry-After. Empty: no limit."},
    {"burst", TP_KEY_INTEGER, 0, "0",
     "How many requests may come at once, before the client has to keep to `rate`. By default as many as `rate` "
     "names."},
    {"at_once", TP_KEY_INTEGER, 0, "0",
     "How many requests a client may have under way at the same time, over all workers; further ones get 429. 0: "
     "no "
     "limit."},
    {"limit_by", TP_KEY_STRING, 0, "address",
     "What a client is, to `rate` and `at_once`: \"address\", \"header:X-Api-Key\", \"cookie:NAME\", \"path\", "
     "\"site\" for all clients together, or several joined by \"+\". Without that field or cookie, its address."},
    {"unlimited", TP_KEY_LIST, 0, nullptr, "Clients without limits, written as in `allow`."},
    {"ipv4_bits", TP_KEY_INTEGER, 0, "32", "How many bits of an IPv4 address are one client."},
    {"ipv6_bits", TP_KEY_INTEGER, 0, "64",
     "How many bits of an IPv6 address are one client: whoever has one address usually has all of its /64."},
    {"clients", TP_KEY_INTEGER, 0, "65536",
     "For how many clients there is room to remember them, at 24 bytes each. With more, those who asked least are "
     "forgotten."},
    {"auth", TP_KEY_STRING, 0, "",
     "A service that is asked about each request: \"http://127.0.0.1:9000/check\" or "
     "\"http://unix:/run/auth.sock:/check\". 2xx lets it pass, 401 and 403 are passed on, anything else fails it. "
     "Empty: nobody is asked."},
    {"auth_timeout", TP_KEY_DURATION, 0, "5s", "How long the service may take; then the request fails with 503."},
    {"auth_user", TP_KEY_STRING, 0, "",
     "The field of the service's answer that says who the client is, such as \"X-User\": REMOTE_USER of programs. "
     "Empty: it says nothing of that."},
    {"auth_pass", TP_KEY_LIST, 0, nullptr,
     "Fields of the service's answer that the visitor gets, such as \"Set-Cookie\"."},
    {"auth_forward", TP_KEY_LIST, 0, nullptr,
     "Fields of the service's answer that become fields of the request, such as \"X-Groups\": HTTP_X_GROUPS of "
     "programs. "
     "What the client sent under these names is taken away."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, tp_setup& setup);

    bool admits(std::string_view client) const {
        return !deny.contains(client) && (allow.isEmpty() || allow.contains(client));
    }

    Paths paths;
    support::Networks allow, deny;
    Users users;
    std::string challenge;  // the value of WWW-Authenticate
    uint64_t remember_ns;
    bool is_one_enough;
    std::optional<LimitSettings> limits;
    std::optional<AuthSettings> auth;
};

}  // namespace turnpike::access
