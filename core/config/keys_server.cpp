// The keys of a file itself and of [server].
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

#include "config/store.h"
#include "config/suggest.h"
#include "os/socket.h"

namespace turnpike::config {
namespace {

// In the order of TP_LOG_*.
constexpr const char* kForwarded[] = {"x-forwarded-for", "forwarded"};
constexpr const char* kLevels[] = {"error", "warn", "info", "debug"};

std::string listen(Server& to, const BoundKey& value, const Machine& machine) {
    to.listen.clear();
    for (const std::string& given : value.list) {
        const size_t space = given.find(' ');
        std::string address = given.substr(0, space);
        const std::string how = space == std::string::npos ? "" : given.substr(space + 1);
        if (space != std::string::npos && how != "tls")
            return quoted(given) + ": behind the address only \"tls\" may stand" + suggestion(how, {"tls"});
        if (address.starts_with("unix:") && address.size() > 5)
            address = "unix:" + absolutePath(address.substr(5), value.at.file, machine.working_folder);
        if (auto parsed = os::Address::parse(address); !parsed) return parsed.error().text;
        auto same = [&](const Listen& other) { return other.address == address; };
        if (std::any_of(to.listen.begin(), to.listen.end(), same)) return quoted(address) + " stands there twice";
        to.listen.push_back({address, space != std::string::npos, value.at});
    }
    return to.listen.empty() ? "names no address" : std::string();
}

std::string trustedProxies(Server& to, const BoundKey& value, const Machine&) {
    to.trusted = {};
    to.trusted_proxies = value.list;
    for (const std::string& network : value.list) {
        if (network == "all")
            return "\"all\" would let every client say who it is: name the networks of the proxies";
        if (std::string why = to.trusted.add(network); !why.empty()) return why;
    }
    return {};
}

/// Behind `listen` and `trusted_proxies` in the table, which are read by then.
std::string proxyProtocol(Server& to, const BoundKey& value, const Machine&) {
    to.proxy_protocol.clear();
    for (const std::string& address : value.list) {
        auto parsed = os::Address::parse(address);
        if (!parsed) return parsed.error().text;
        const auto listens = [&](const Listen& other) {
            auto there = os::Address::parse(other.address);
            return there && there->text() == parsed->text();
        };
        if (std::none_of(to.listen.begin(), to.listen.end(), listens))
            return quoted(address) + " is not in `listen`";
        if (to.trusted.isEmpty()) return "needs `trusted_proxies`: who may send the header";
        to.proxy_protocol.push_back(parsed->text());
    }
    return {};
}

/// Behind `trusted_proxies` in the table. Octal, as chmod takes it.
std::string listenMode(Server& to, const BoundKey& value, const Machine&) {
    const char* end = value.text.data() + value.text.size();
    auto read = std::from_chars(value.text.data(), end, to.listen_mode, 8);
    if (read.ec != std::errc() || read.ptr != end || to.listen_mode > 0777)
        return quoted(value.text) + " is no mode such as \"0660\"";
    if ((to.listen_mode & S_IWOTH) != 0 && to.trusted.contains("unix:"))
        return "lets everybody on this machine connect, whom `trusted_proxies` believes then: name a "
               "`listen_group`";
    return {};
}

/// The path must fit a unix socket's address.
template <auto Member>
std::string socketPath(Server& to, const BoundKey& value, const Machine& machine) {
    path<Member>(to, value, machine);
    if ((to.*Member).empty()) return {};
    auto parsed = os::Address::parse("unix:" + to.*Member);
    return parsed ? std::string() : parsed.error().text;
}

/// It becomes a field of every answer: visible ASCII and spaces (RFC 9110 10.2.4).
std::string serverName(Server& to, const BoundKey& value, const Machine&) {
    for (char c : value.text)
        if (c < 0x20 || c > 0x7e) return "may hold visible ASCII and spaces only";
    to.server_name = value.text;
    return {};
}

constexpr Key<FileKeys> kFileKeys[] = {
    {{"include", TP_KEY_LIST, 0, "[]",
      "More files to read, relative to this file. The last part of a path may hold the wildcards * and ?; what "
      "they "
      "match is read in the order of the names. Must stand above the first [section]."},
     {},
     list<&FileKeys::include>},
};

constexpr Key<Server> kServerKeys[] = {
    {{"listen", TP_KEY_LIST, 0, "[\"127.0.0.1:8080\"]",
      "Where clients connect: \"127.0.0.1:8080\", \"[::1]:8080\", \":80\" (port 80 of every address, IPv4 and "
      "IPv6) "
      "or \"unix:/run/site.sock\". Where clients speak TLS, \" tls\" stands behind it: \":443 tls\"; the sites "
      "then need certificates, see `site.tls`."},
     {},
     listen},
    {{"trusted_proxies", TP_KEY_LIST, 0, "[]",
      "Addresses and networks of proxies in front, such as \"10.0.0.0/8\", and \"unix\" for those that come by a "
      "unix "
      "socket. What they say of the client (see `forwarded_field` and `proxy_protocol`) is its address from then "
      "on: "
      "for logs, rules, limits and programs. Nobody else is believed, "
      "nor answered when it asks for https over a connection that is not secure."},
     {},
     trustedProxies},
    {{"forwarded_field", TP_KEY_STRING, 0, "x-forwarded-for",
      "The field by which trusted proxies tell of the client: \"x-forwarded-for\" (with X-Forwarded-Proto for the "
      "scheme) or \"forwarded\" (RFC 7239). The proxies must set it; the other one is never believed, since they "
      "may "
      "pass on what a client wrote there."},
     {.choices = kForwarded},
     number<&Server::forwarded_field>},
    {{"proxy_protocol", TP_KEY_LIST, 0, "[]",
      "Addresses of `listen` where each connection begins with a header of the PROXY protocol, version 1 or 2. It "
      "must "
      "come from one of `trusted_proxies` and within limits.header; other connections are closed."},
     {},
     proxyProtocol},
    {{"listen_mode", TP_KEY_STRING, 0, "0660",
      "Who may connect to the unix sockets of `listen`: their mode, as chmod takes it; who connects needs the "
      "right to write. While a reload goes on, only those are let in whom both configs let in. A socket of "
      "systemd's keeps its SocketMode=, which is for everybody unless the unit has another."},
     {},
     listenMode},
    {{"listen_group", TP_KEY_STRING, 0, nullptr,
      "The group of the unix sockets of `listen`, such as that of a proxy in front; by default that of whoever "
      "starts Turnpike. Programs of the sites should not be in it where `trusted_proxies` has \"unix\"."},
     {},
     group<&Server::listen_group>},
    {{"backlog", TP_KEY_INTEGER, 0, "4096",
      "How many connections the kernel keeps waiting for a worker; it takes no more than net.core.somaxconn."},
     {1, 65535},
     number<&Server::backlog>},
    {{"defer_accept", TP_KEY_DURATION, 0, "1s",
      "How long a new TCP connection is kept from the workers while its client has sent nothing "
      "(TCP_DEFER_ACCEPT): "
      "they wake once, to data that is there. One byte is enough, so it is no guard against clients that send a "
      "request slowly; who sends nothing is not seen before that time is over, rounded up to what the kernel's "
      "retransmissions of its SYN-ACK take (1, 3, 7, 15 s ...). 0: off; a socket of systemd's then keeps its own "
      "DeferAcceptSec=."},
     {0, 600'000},
     number<&Server::defer_accept_ms>},
    {{"workers", TP_KEY_INTEGER, 0, "0", "How many worker processes answer requests; 0: one per processor."},
     {0, 1024},
     number<&Server::workers>},
    {{"user", TP_KEY_STRING, 0, nullptr,
      "Whom the workers run as when Turnpike was started as root; by default www-data then."},
     {},
     user<&Server::user>},
    {{"group", TP_KEY_STRING, 0, nullptr, "The workers' group; by default that of `user`."},
     {},
     group<&Server::group>},
    {{"plugin_folder", TP_KEY_STRING, 0, nullptr,
      "Where plugins are loaded from; by default the folder that Turnpike was installed with, or that of the "
      "build "
      "tree when it runs from there. Neither it nor a plugin may be writable by others."},
     {},
     path<&Server::plugin_folder>},
    {{"runtime_folder", TP_KEY_STRING, 0, nullptr,
      "For sockets and the private files of backends; by default /run/turnpike when started as root, otherwise a "
      "folder of the user's own below $XDG_RUNTIME_DIR or $TMPDIR or /tmp."},
     {},
     path<&Server::runtime_folder>},
    {{"spool_folder", TP_KEY_STRING, 0, nullptr,
      "For request bodies that outgrow limits.body_memory; the files have no name and are gone after the request. "
      "By "
      "default /var/cache/turnpike when started as root, otherwise spool/ in `runtime_folder`."},
     {},
     path<&Server::spool_folder>},
    {{"control_socket", TP_KEY_STRING, 0, nullptr,
      "Where `turnpike status`, `reload` and `stop` reach the server; by default control.sock in "
      "`runtime_folder`."},
     {},
     socketPath<&Server::control_socket>},
    {{"purge_socket", TP_KEY_STRING, 0, nullptr,
      "Where `turnpike purge` may be used by everybody on this machine who knows a site's `purge_token`; by "
      "default "
      "there is none, and only the server's own user purges, by `control_socket`."},
     {},
     socketPath<&Server::purge_socket>},
    {{"pid_file", TP_KEY_STRING, 0, nullptr,
      "Holds the process id of the master; by default turnpike.pid in `runtime_folder`."},
     {},
     path<&Server::pid_file>},
    {{"error_log", TP_KEY_STRING, 0, "stderr",
      "\"stderr\", \"stdout\", a file, which SIGUSR1 makes Turnpike open anew, \"syslog\" (/dev/log), "
      "\"syslog:192.0.2.1:514\" (UDP), \"syslog:unix:/path\", \"journald\" or \"journald:unix:/path\"."},
     {},
     log<&Server::error_log>},
    {{"access_log", TP_KEY_STRING, 0, "stdout",
      "Where requests are logged, as in `error_log`; see `access_format`, which also turns the log off."},
     {},
     log<&Server::access_log>},
    {{"access_format", TP_KEY_STRING, 0, "combined",
      "What the access log says of each request: \"combined\" as other servers write it, \"json\" an object with "
      "phases and crossings, \"off\" nothing, or a text of your own with {fields} in it: \"{remote} {status} "
      "{first_byte_us}\". Fields are time, time_iso, time_unix_ms, id, site, plugin, remote, remote_port, local, "
      "local_port, user, scheme, method, target, path, query, protocol, host, referer, agent, request.NAME (a "
      "request field), status, sent, received (bytes of bodies), aborted, total_us, routed_us, queued_us, "
      "connected_us, request_sent_us, first_byte_us, last_byte_us, first_sent_us (microseconds since the request "
      "came), event_milli, crossings (all system calls) and crossings.CLASS.calls, .errors or .bytes, CLASS being "
      "client, backend, file, event, spawn, listen or log. What is not there is \"-\"; bytes that are not "
      "visible "
      "ASCII, quotation marks and backslashes come as \\xHH; \"{{\" and \"}}\" are braces."},
     {},
     logFormat<&Server::access_format>},
    {{"log_level", TP_KEY_STRING, 0, "info", "The least important messages that the error log takes."},
     {.choices = kLevels},
     number<&Server::log_level>},
    {{"log_max_size", TP_KEY_SIZE, 0, "0",
      "A log file that has grown so large is renamed FILE.1, FILE.1 becomes FILE.2 and so on, and a new one is "
      "begun; "
      "looked at every second, so a file may grow past it by what is logged meanwhile. 0: never, which is right "
      "where "
      "logrotate does it."},
     {0, int64_t{1} << 50},
     number<&Server::log_max_size>},
    {{"log_keep", TP_KEY_INTEGER, 0, "5", "How many of the files that `log_max_size` has renamed stay."},
     {1, 1000},
     number<&Server::log_keep>},
    {{"server_name", TP_KEY_STRING, 0, nullptr, "The Server field of answers; by default they carry none."},
     {},
     serverName},
    {{"http2", TP_KEY_BOOLEAN, 0, "true",
      "Speak HTTP/2 with clients that begin with its preface; false: HTTP/1.1 only."},
     {},
     number<&Server::http2>},
    {{"ktls", TP_KEY_BOOLEAN, 0, "false",
      "Let the kernel encrypt what TLS connections send. Over HTTP/1.1 files then go from its page cache to the "
      "client without crossing into the server; HTTP/2 has them read as without. It needs Linux's module tls "
      "(modprobe tls) and an OpenSSL that can (Debian's); a connection whose cipher the kernel does not have is "
      "encrypted as without. A client that asks for new keys (KeyUpdate of TLS 1.3, which browsers do not) is "
      "closed. For large files; what it saves has not been measured."},
     {},
     number<&Server::ktls>},
    {{"splice", TP_KEY_BOOLEAN, 0, "true",
      "Let the kernel move the middle of long answers from CGI programs and proxied servers to clients of plain "
      "HTTP/1.1, past the server's memory (splice(2)). It saves processor time here; a client on the same machine "
      "takes such bytes more dearly than copied ones."},
     {},
     number<&Server::splice>},
    {{"inject_null_calls", TP_KEY_INTEGER, 0, "0",
      "For measuring only: each request makes so many system calls (getppid) that do nothing, which the ledger "
      "has "
      "under `spawn` like all questions about processes. What they cost shows what a crossing costs in its "
      "place."},
     {0, 1'000'000},
     number<&Server::inject_null_calls>,
     true},
    {{"ledger", TP_KEY_BOOLEAN, 0, "true",
      "For measuring only: false counts no crossings and reads no clock for the phases of requests, so that the "
      "ledger's own cost can be told. Requests and bytes are counted all the same."},
     {},
     number<&Server::ledger>,
     true},
};

}  // namespace

std::span<const Key<FileKeys>> fileKeys() { return kFileKeys; }
std::span<const Key<Server>> serverKeys() { return kServerKeys; }

}  // namespace turnpike::config
