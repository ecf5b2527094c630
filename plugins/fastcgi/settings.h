// settings.h - the keys of this plugin and what they mean once they are checked. Setup only; immutable afterwards.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::fastcgi {

/// key | meaning | default: see kKeys, from which `turnpike explain fastcgi` and the README's table come.
inline constexpr tp_key kKeys[] = {
    {"preset", TP_KEY_STRING, 0, "none",
     "\"php-fpm\": the path must name an existing PHP script below the site's root, other requests are declined. "
     "\"none\": the backend answers everything below the route's prefix."},
    {"address", TP_KEY_STRING, 0, nullptr,
     "Where a backend listens that something else runs: \"unix:/run/php/php-fpm.sock\" or \"127.0.0.1:9000\"."},
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
    {"restart", TP_KEY_DURATION, 0, "100ms",
     "Pause before a supervised program that died is started again; doubles up to 30s while it keeps dying."},
    {"children", TP_KEY_INTEGER, 0, "0",
     "How many requests one backend answers at once: for php-fpm its number of children. All workers together "
     "never open more connections than that. 0: 4, or 1 for each instance of `command`."},
    {"recycle", TP_KEY_INTEGER, 0, "0",
     "Requests after which a child of a php-fpm that Turnpike starts is replaced by a new one; 0: never."},
    {"run_timeout", TP_KEY_DURATION, 0, "15m",
     "How long a script may run in a php-fpm that Turnpike starts before its child is killed and replaced; "
     "counted "
     "in seconds, rounded up. Unless it is set it is never less than `timeout` and `gap_timeout` together."},
    {"keep", TP_KEY_BOOLEAN, 0, "true", "Keep connections open between requests."},
    {"balance", TP_KEY_STRING, 0, "round_robin",
     "Which of several backends is asked: \"round_robin\" or \"least_loaded\"."},
    {"queue", TP_KEY_INTEGER, 0, "512", "How many requests of one worker may wait for a backend; more get 503."},
    {"queue_timeout", TP_KEY_DURATION, 0, "10s", "How long a request may wait for a backend before it gets 503."},
    {"outage", TP_KEY_DURATION, 0, "1500ms",
     "How long requests wait for a backend that cannot be reached (a restart) before they get 503."},
    {"connect_timeout", TP_KEY_DURATION, 0, "2s", "How long a connection may take to be made."},
    {"timeout", TP_KEY_DURATION, 0, "60s",
     "How long a backend may take for the first byte of its answer; then 504."},
    {"gap_timeout", TP_KEY_DURATION, 0, "30s", "The longest pause inside an answer, or while sending a request."},
    {"max_fails", TP_KEY_INTEGER, 0, "3",
     "So many failures within `fail_window` take one of several backends out for `fail_pause`."},
    {"fail_window", TP_KEY_DURATION, 0, "10s", "See `max_fails`."},
    {"fail_pause", TP_KEY_DURATION, 0, "5s", "See `max_fails`."},
    {"stream_body", TP_KEY_BOOLEAN, 0, "false",
     "Hand a request's body on while it comes in, instead of taking it in whole first. The backend then begins at "
     "once, but a client that is slow to send holds a child, and a request whose body has begun is not asked "
     "twice. "
     "A body of unknown length (chunked) is always taken in whole, since CONTENT_LENGTH must be right."},
    {"params", TP_KEY_MAP, 0, nullptr, "More variables for the backend; they win over Turnpike's own."},
    {"pass_authorization", TP_KEY_BOOLEAN, 0, "true",
     "Pass the Authorization field as HTTP_AUTHORIZATION, unless Turnpike checked it itself."},
    {"allow_remote", TP_KEY_BOOLEAN, 0, "false",
     "Allow a TCP address that is not loopback. FastCGI has neither encryption nor authentication."},
};

enum class Preset : uint8_t { None, PhpFpm };
enum class Balance : uint8_t { RoundRobin, LeastLoaded };

struct Settings {
    using StringMap = std::vector<std::pair<std::string, std::string>>;

    /// Reads and checks every key; throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    Preset preset = Preset::None;
    Balance balance = Balance::RoundRobin;
    std::vector<std::string> addresses;  // empty: supervised
    std::vector<std::string> command;    // empty with preset php-fpm: Turnpike's own php-fpm
    std::string listen;                  // of a supervised backend; empty: a unix socket
    std::string name, directory;
    StringMap environment, params;
    std::vector<std::string> index;  // the site's index files that are PHP scripts
    std::string site;
    uint32_t instances = 1, children = 4, recycle = 0;
    size_t queue = 512;
    uint64_t restart_ms = 100, queue_ms = 0, outage_ms = 0, connect_ms = 0, first_byte_ms = 0, gap_ms = 0;
    uint64_t run_ms = 0;
    uint64_t fail_window_ms = 0, fail_pause_ms = 0;
    size_t max_fails = 3;
    bool has_root = false, keep = true, stream_body = false, pass_authorization = true;
};

/// `text` with everything but letters, digits, '.', '-' and '_' replaced by '_': for file and section names.
std::string plainName(std::string_view text);
/// "unix:/absolute" or a numeric loopback address with a port.
bool isUnixAddress(std::string_view address);
bool isLoopbackAddress(std::string_view address);

}  // namespace turnpike::fastcgi
