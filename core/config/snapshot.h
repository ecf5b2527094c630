// snapshot.h - the configuration as the server uses it: parsed, checked, and never changed afterwards. Plain data,
// shared by reference between the master and, after fork, its workers.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "os/file.h"
#include "sdk/plugin.h"
#include "sdk/support/networks.h"

namespace turnpike::config {

/// Where something stands in a file; line and column count from 1, 0: unknown.
struct Position {
    std::string file;
    uint32_t line = 0, column = 0;
    std::string text() const;  // "turnpike.toml:12:5"
};

struct Problem {
    Position at;
    std::string message;
    std::string text() const;  // "turnpike.toml:12:5: unknown key \"prot\" - did you mean \"port\"?"
};

using StringMap = std::vector<std::pair<std::string, std::string>>;

/// A value as TOML gives it. A duration or size is still a string or an integer here.
using RawValue = std::variant<std::string, int64_t, bool, std::vector<std::string>, StringMap>;
struct RawKey {
    std::string name;
    RawValue value;
    Position at;
};

/// A plugin named at one place of the config, with its own keys.
struct PluginUse {
    std::string plugin;
    Position at;
    std::vector<RawKey> keys;
};

/// The keys of a PluginUse checked against the plugin's declarations, defaults applied. `integer` holds integers,
/// booleans (0, 1), durations (ms) and sizes (bytes).
struct BoundKey {
    const tp_key* declared = nullptr;
    bool is_set = false;
    Position at;
    std::string text;
    int64_t integer = 0;
    std::vector<std::string> list;
    StringMap map;
};

/// Which paths a route takes. Empty members match everything; all that are set must match.
struct Match {
    std::string exact, prefix, suffix, pattern;  // pattern: PCRE2, matched against the decoded path
    bool operator==(const Match&) const = default;
};

struct Route {
    Match match;
    std::string root;       // where its files lie, absolute, no trailing slash; empty: in the site's
    bool internal = false;  // for no request of a client's, but for what a script or an error page leads to
    std::vector<std::string> try_files;  // "$path", "$path/", "/index.php?$query", "=404"
    PluginUse use;
};

/// A file that a site's TLS is made of: where it is, and what it held when the config was read.
struct TlsFile {
    std::string path, bytes;
};

/// The certificate of a site and whom it lets in. What the files hold is checked by whoever uses them.
struct Tls {
    Position at;
    TlsFile certificate, key;      // PEM: the certificate and what links it to its authority, in that order
    TlsFile ocsp;                  // DER, empty: none
    TlsFile client_ca;             // PEM, empty: clients are not asked for certificates
    bool client_required = false;  // who has none is turned away
    bool isOn() const { return !certificate.path.empty(); }
};

struct Site {
    std::string name;
    Position at;
    std::vector<std::string> hosts;  // lower case; "example.org", "*.example.org", "*": the default site
    std::string root;                // absolute, no trailing slash; empty: none
    std::vector<std::string> index;
    std::vector<Route> routes;     // in the order of the file
    std::vector<PluginUse> hooks;  // access hooks, filters and log observers, in the order of the file
    std::map<unsigned, std::string> error_pages;  // status -> path below the root
    os::Links links = os::Links::Owner;
    bool hidden_files = false;              // serve names that begin with '.'
    bool source_files = false;              // send scripts and backup files as they are
    std::string user, group;                // for CGI programs and supervised backends
    std::string access_log, access_format;  // as in Server; of the server where a file sets none
    uint64_t body_limit = 16u << 20;
    bool x_sendfile = false, x_accel_redirect = false;  // scripts may leave their answer to the server
    bool server_timing = false;
    bool interim_http1 = false;  // HTTP/1.1 clients get interim answers as well
    Tls tls;
    std::string hsts;             // value of Strict-Transport-Security, empty: none
    bool redirect_https = false;  // plain requests are sent to the same place over TLS
};

/// Limits and deadlines of the engine; milliseconds and bytes.
struct Limits {
    uint64_t request_line = 8192, field = 16384, fields_total = 32768, fields = 100;
    uint64_t handshake_ms = 10'000, header_ms = 10'000, body_gap_ms = 10'000;
    uint64_t body_rate = 500, write_rate = 1024;  // bytes a second
    uint64_t keepalive_ms = 15'000, write_ms = 30'000, linger_ms = 2'000, drain_ms = 30'000;
    uint64_t requests_per_connection = 100'000;
    uint64_t streams = 100;                  // of one HTTP/2 connection at once
    uint64_t connection_age_ms = 3'600'000;  // of an HTTP/2 connection
    uint64_t connections = 4096;             // of one worker
    uint64_t connections_per_address = 100;  // of one worker; 0: no limit
    uint64_t body_memory = 65536;            // past it a spooled body goes to a file
    uint64_t spool_total = 1ull << 30;       // of one worker
    uint64_t spool_per_address = 256u << 20;
    uint64_t spool_free_per_mille = 50;  // leave that much of the disk free
    uint64_t request_memory = 1u << 20;  // arena of one request
    uint64_t pool_threads = 4, pool_queue = 512;
    uint64_t background = 64,
             background_per_site = 16;  // requests that no client waits for, of one worker at once
};

/// Where clients connect, as os::Address::parse() takes it, and how they speak there.
struct Listen {
    std::string address;
    bool tls = false;
    Position at = {};
};

/// The field that tells of clients behind trusted proxies.
enum class ForwardedField : uint8_t { XForwardedFor, Forwarded };

struct Server {
    std::vector<Listen> listen;
    support::Networks trusted;  // proxies that are believed
    ForwardedField forwarded_field = ForwardedField::XForwardedFor;
    std::vector<std::string> trusted_proxies;  // `trusted` as the file has it
    std::vector<std::string> proxy_protocol;   // those of `listen`, as os::Address::text() writes them
    uint32_t listen_mode = 0660;               // of unix sockets in `listen`
    std::string listen_group;                  // empty: the master's
    uint32_t backlog = 4096;
    uint64_t defer_accept_ms = 1000;                          // 0: off
    uint32_t workers = 0;                                     // 0 in the file: one per core; never 0 here
    std::string user, group;                                  // of the workers when started as root
    std::string plugin_folder, runtime_folder, spool_folder;  // runtime: sockets and private files
    std::string control_socket, purge_socket, pid_file;
    std::string error_log, access_log;       // "stderr", "stdout" or a file
    std::string access_format = "combined";  // or "off", "json", or as parseLogFormat() takes it
    int32_t log_level = TP_LOG_INFO;
    uint64_t log_max_size = 0;  // of each file; 0: they grow
    uint64_t log_keep = 5;
    std::string server_name;  // value of the Server field, empty: none
    uint32_t inject_null_calls = 0;
    bool http2 = true;
    bool ktls = false;
    bool splice = true;
    bool ledger = true;
    Limits limits;
};

struct Snapshot {
    Server server;
    std::vector<Site> sites;
    std::vector<std::string> files;  // every file that was read, the main one first
};

/// Reads `path` and what it includes. All problems at once, in the order of the files; empty: *out is set.
std::vector<Problem> load(const std::string& path, std::shared_ptr<const Snapshot>* out);

/// The [server] table alone, with defaults for what is missing or wrong: problems elsewhere must not keep an
/// operator from the server that runs. Returns why a file could not be read at all.
std::vector<Problem> loadServer(const std::string& path, Server* out);

/// Checks the keys of `use` against a plugin's declarations. Appends what is wrong to `problems`.
std::vector<BoundKey> bind(const PluginUse& use, const tp_key* keys, size_t count, std::vector<Problem>& problems);

}  // namespace turnpike::config
