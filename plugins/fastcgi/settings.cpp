#include "settings.h"

#include <algorithm>
#include <filesystem>

#include "sdk/gateway/addresses.h"

namespace turnpike::fastcgi {
namespace {

Preset readPreset(const KeyReader& read) {
    std::string value = read.string("preset");
    if (value == "none") return Preset::None;
    if (value == "php-fpm") return Preset::PhpFpm;
    throw Refused("preset", "must be \"none\" or \"php-fpm\", not \"" + value + "\"");
}

Balance readBalance(const KeyReader& read) {
    std::string value = read.string("balance");
    if (value == "round_robin") return Balance::RoundRobin;
    if (value == "least_loaded") return Balance::LeastLoaded;
    throw Refused("balance", "must be \"round_robin\" or \"least_loaded\", not \"" + value + "\"");
}

/// A name may stand for several.
std::vector<std::string> addressesOf(const tp_host& host, const char* key, const std::string& address,
                                     bool allow_remote) {
    if (isUnixAddress(address)) return {address};
    if (address.starts_with("unix:"))
        throw Refused(key, "\"" + address + "\": the socket's path must be absolute");
    const bool is_local = isLoopbackAddress(address) || address.starts_with("localhost:");
    if (!is_local && !allow_remote && address.find(':', 1) != std::string::npos)
        throw Refused(key, "\"" + address +
                               "\" is not a numeric loopback address; FastCGI has neither encryption nor "
                               "authentication: set allow_remote = true if that network is yours alone");
    return gateway::lookUp(host, key, address);
}

std::vector<std::string> readAddresses(const tp_host& host, const KeyReader& read) {
    if (read.isSet("address") && read.isSet("addresses"))
        throw Refused("addresses", "give address or addresses, not both");
    std::vector<std::string> given = read.list("addresses");
    if (std::string one = read.string("address"); !one.empty()) given = {one};
    const char* key = read.isSet("addresses") ? "addresses" : "address";
    std::vector<std::string> addresses;
    for (const std::string& one : given)
        for (const std::string& address : addressesOf(host, key, one, read.isTrue("allow_remote"))) {
            if (std::ranges::count(addresses, address) > 0)
                throw Refused(key, "\"" + address + "\" stands twice in the list");
            addresses.push_back(address);
        }
    return addresses;
}

/// Workers know the address before the program runs, so the port cannot be the kernel's choice.
void checkListen(const std::string& address) {
    if (address.empty()) return;
    if (!isLoopbackAddress(address))
        throw Refused("listen", "\"" + address +
                                    "\" is not a numeric loopback address with a port: FastCGI has neither "
                                    "encryption nor authentication");
    const unsigned long port = std::stoul(address.substr(address.rfind(':') + 1));
    if (port == 0 || port > 65535)
        throw Refused("listen", "\"" + address + "\": choose a port from 1 to 65535 that is free");
}

void checkBackend(const Settings& s, const KeyReader& read) {
    if (!s.addresses.empty() && !s.command.empty())
        throw Refused("command",
                      "a backend is either started by Turnpike (command) or elsewhere (address), not both");
    if (s.addresses.empty() && s.command.empty() && s.preset == Preset::None)
        throw Refused("", "no backend: set address = \"unix:/path\", command = [...] or preset = \"php-fpm\"");
    if (!s.command.empty() && !s.command.front().starts_with('/'))
        throw Refused("command", "\"" + s.command.front() +
                                     "\": a program is named by its path, absolute or beginning with \"./\" or "
                                     "\"../\" in `directory` (by default the site's root)");
    for (const char* key : {"instances", "environment", "directory", "restart", "name", "listen", "memory", "file",
                            "open_files", "processes", "cgroup_memory", "cgroup_processes"})
        if (!s.addresses.empty() && read.isSet(key))
            throw Refused(key, "only means something for a backend that Turnpike starts");
    checkListen(s.listen);
    if (s.preset == Preset::PhpFpm && !s.has_root)
        throw Refused("preset", "\"php-fpm\" looks for scripts below the site's root, but this site has no root");
    bool own_php = s.addresses.empty() && s.command.empty();
    if (own_php && s.instances != 1) throw Refused("instances", "php-fpm is one process: set children");
    if (!own_php && read.isSet("run_timeout"))
        throw Refused("run_timeout",
                      "only for a php-fpm that Turnpike starts; elsewhere it is request_terminate_timeout");
    if (!own_php && s.recycle != 0)
        throw Refused("recycle", "only for a php-fpm that Turnpike starts; elsewhere it is pm.max_requests");
}

/// "./program" and "../program" are in the folder that the program runs in; nothing is searched for in PATH.
std::string programPath(const std::string& program, const std::string& directory) {
    bool is_relative = program.starts_with("./") || program.starts_with("../");
    if (!is_relative || !directory.starts_with('/')) return program;
    return (std::filesystem::path(directory) / program).lexically_normal().string();
}

uint32_t readChildren(const KeyReader& read, bool has_command) {
    uint32_t children = static_cast<uint32_t>(read.integer("children", 0, 4096));
    if (children != 0) return children;
    return has_command ? 1 : 4;
}

bool isPort(std::string_view port) {
    return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isLoopback4(std::string_view host) {
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool isUnixAddress(std::string_view address) { return address.starts_with("unix:/") && address.size() > 6; }

bool isLoopbackAddress(std::string_view address) {
    size_t colon = address.rfind(':');
    if (colon == std::string_view::npos || !isPort(address.substr(colon + 1))) return false;
    std::string_view host = address.substr(0, colon);
    return host == "[::1]" || isLoopback4(host);
}

Settings::Settings(const tp_host& host, const tp_setup& setup) {
    KeyReader read(host, setup);
    read.rules(*this);
    read.connecting(*this);
    preset = readPreset(read);
    only_scripts = preset == Preset::PhpFpm;
    sends_interims = !only_scripts;
    balance = readBalance(read);
    addresses = readAddresses(host, read);
    command = read.list("command");
    listen = read.string("listen");
    name = read.string("name");
    site = text(host.site_name(&setup));
    std::string root(text(host.site_root(&setup)));
    has_root = !root.empty();
    directory = read.string("directory");
    if (directory.empty()) directory = root;
    if (!command.empty()) command.front() = programPath(command.front(), directory);
    environment = read.map("environment");
    instances = static_cast<uint32_t>(read.integer("instances", 1, 1024));
    limits = read.limits();
    children = readChildren(read, !command.empty());
    recycle = static_cast<uint32_t>(read.integer("recycle", 0, 1'000'000'000));
    restart_ms = read.duration("restart");
    run_ms = read.duration("run_timeout");
    if (!read.isSet("run_timeout")) run_ms = std::max(run_ms, first_byte_ms + gap_ms);
    checkBackend(*this, read);
}

}  // namespace turnpike::fastcgi
