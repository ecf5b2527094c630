// settings.h - the keys of this plugin and what they mean once they are checked. Setup only; immutable afterwards.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/fastcgi/keys.h"

namespace turnpike::fastcgi {

/// key | meaning | default: see kKeys, from which `turnpike explain fastcgi` and the README's table come.
inline constexpr tp_key kKeys[] = {
    {"preset", TP_KEY_STRING, 0, "none",
     "\"php-fpm\": the path must name an existing PHP script below the site's root, other requests are declined. "
     "\"none\": the backend answers everything below the route's prefix."},
    {"address", TP_KEY_STRING, 0, nullptr,
     "Where a backend listens that something else runs: \"unix:/run/php/php-fpm.sock\", \"127.0.0.1:9000\", "
     "or with `allow_remote` a name such as \"php:9000\", which is looked up when the config is loaded."},
    {"addresses", TP_KEY_LIST, 0, nullptr, "Several backends instead of one `address`, see `balance`."},
    {"command", TP_KEY_LIST, 0, nullptr,
     "A FastCGI program that Turnpike starts and keeps running, as the site's user, with the listening socket as "
     "descriptor 0. A path that begins with \"../\" or \"./\" is looked for in `directory`. Instead of an "
     "address."},
    {"listen", TP_KEY_STRING, 0, nullptr,
     "Loopback address and port, such as \"127.0.0.1:9000\", of a backend that Turnpike starts; by default it has "
     "a "
     "unix socket, which is faster and which other users of the machine cannot connect to. A reload "
     "that changes such a backend needs another port, since the old one drains beside it."},
    {"name", TP_KEY_STRING, 0, nullptr,
     "The supervised backend's name in logs and status; by default the site's name and the program's."},
    {"environment", TP_KEY_MAP, 0, nullptr, "Environment of `command`; nothing else is passed."},
    {"directory", TP_KEY_STRING, 0, nullptr, "Working directory of `command`; by default the site's root."},
    {"instances", TP_KEY_INTEGER, 0, "1", "How many processes of `command` share its socket."},
    gateway::key::memory("0"),
    gateway::key::file("0"),
    gateway::key::openFiles("0"),
    gateway::key::processes("0"),
    key::kCgroupMemory,
    key::kCgroupProcesses,
    key::kRestart,
    {"children", TP_KEY_INTEGER, 0, "0",
     "How many requests one backend answers at once: for php-fpm its number of children. All workers together "
     "never open more connections than that. 0: 4, or 1 for each instance of `command`."},
    {"recycle", TP_KEY_INTEGER, 0, "0",
     "Requests after which a child of a php-fpm that Turnpike starts is replaced by a new one; 0: never."},
    {"run_timeout", TP_KEY_DURATION, 0, "15m",
     "How long a script may run in a php-fpm that Turnpike starts before its child is killed and replaced; "
     "counted "
     "in seconds, rounded up. Unless it is set it is never less than `timeout` and `gap_timeout` together."},
    gateway::key::kKeep,
    {"balance", TP_KEY_STRING, 0, "round_robin",
     "Which of several backends is asked: \"round_robin\" or \"least_loaded\"."},
    key::kQueue,
    key::kQueueTimeout,
    key::kOutage,
    gateway::key::kConnectTimeout,
    key::kTimeout,
    key::kGapTimeout,
    gateway::key::kMaxFails,
    gateway::key::kFailWindow,
    {"fail_pause", TP_KEY_DURATION, 0, "5s", "See `max_fails`."},
    key::kStreamBody,
    key::kParams,
    key::kPassAuthorization,
    {"allow_remote", TP_KEY_BOOLEAN, 0, "false",
     "Allow a TCP address that is not loopback. FastCGI has neither encryption nor authentication."},
};

enum class Preset : uint8_t { None, PhpFpm };

struct Settings : Rules {
    /// Reads and checks every key; throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    Preset preset = Preset::None;
    std::vector<std::string> addresses;  // empty: supervised
    std::vector<std::string> command;    // empty with preset php-fpm: Turnpike's own php-fpm
    std::string listen;                  // of a supervised backend; empty: a unix socket
    std::string name, directory;
    gateway::Pairs environment;
    BackendLimits limits;
    std::string site;
    uint32_t instances = 1, children = 4, recycle = 0;
    uint64_t restart_ms = 100, run_ms = 0;
    bool has_root = false;
};

/// "unix:/absolute" or a numeric loopback address with a port.
bool isUnixAddress(std::string_view address);
bool isLoopbackAddress(std::string_view address);

}  // namespace turnpike::fastcgi
