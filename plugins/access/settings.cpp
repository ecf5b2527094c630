#include "settings.h"

#include <algorithm>
#include <stdexcept>

#include "read_set.h"
#include "users_file.h"

namespace turnpike::access {
namespace {

Users readUsers(const tp_host& host, const tp_setup& setup) {
    const std::string path(text(host.config_string(&setup, "users")));
    if (path.empty()) {
        if (host.config_is_set(&setup, "users") != 0) throw Refused("users", "must not be empty");
        return {};
    }
    try {
        const UsersFile file = readUsersFile(path, std::string(text(host.site_root(&setup))));
        Users users(path, file.content);
        const std::string warning = "every user of this machine may read \"" + path +
                                    "\" and guess the passwords in it: chmod o-r, and chgrp to the workers' group";
        if (file.is_readable_by_all) host.log(TP_LOG_WARN, str(warning));
        return users;
    } catch (const std::invalid_argument& wrong) {
        throw Refused("users", wrong.what());
    }
}

std::string readChallenge(const tp_host& host, const tp_setup& setup) {
    std::string quoted;
    for (char c : text(host.config_string(&setup, "realm"))) {
        if (c < ' ' || c > '~') throw Refused("realm", "may hold visible ASCII characters and spaces only");
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return "Basic realm=\"" + quoted + "\", charset=\"UTF-8\"";
}

uint64_t readRemember(const tp_host& host, const tp_setup& setup) {
    constexpr int64_t kMost = 3'600'000;  // a password that was taken away opens for no longer
    const int64_t milliseconds = host.config_integer(&setup, "remember");
    if (milliseconds < 0 || milliseconds > kMost) throw Refused("remember", "must be between 0s and 1h");
    return static_cast<uint64_t>(milliseconds) * 1'000'000;
}

bool readSatisfy(const tp_host& host, const tp_setup& setup) {
    const std::string_view how = text(host.config_string(&setup, "satisfy"));
    if (how != "all" && how != "any")
        throw Refused("satisfy", "must be \"all\" or \"any\", not \"" + std::string(how) + "\"");
    return how == "any";
}

}  // namespace

Settings::Settings(const tp_host& host, tp_setup& setup)
    : paths(readSet<Paths>(host, setup, "paths")),
      allow(readSet<support::Networks>(host, setup, "allow")),
      deny(readSet<support::Networks>(host, setup, "deny")),
      users(readUsers(host, setup)),
      challenge(readChallenge(host, setup)),
      remember_ns(readRemember(host, setup)),
      is_one_enough(readSatisfy(host, setup)),
      limits(LimitSettings::read(host, setup)),
      auth(AuthSettings::read(host, setup)) {
    const bool asks_address = !allow.isEmpty() || !deny.isEmpty();
    if (!asks_address && users.isEmpty() && !limits && !auth)
        throw Refused("", "guards nothing: set `allow`, `deny`, `users`, `rate`, `at_once` or `auth`");
    if (deny.hasAll() && !allow.isEmpty())
        throw Refused("deny",
                      "\"all\" refuses everybody, also those of `allow`: leave it out, `allow` alone "
                      "refuses everybody else");
    if (is_one_enough && (!asks_address || users.isEmpty()))
        throw Refused("satisfy", "\"any\" needs both an address (`allow` or `deny`) and `users`");
}

}  // namespace turnpike::access
