#include "config/write.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <string_view>

#include "config/keys.h"

namespace turnpike::config {
namespace {

std::string valueOf(const std::string& text) { return tomlString(text); }
std::string valueOf(int64_t number) { return std::to_string(number); }
std::string valueOf(bool is_true) { return is_true ? "true" : "false"; }

std::string valueOf(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list) text += (text.empty() ? "" : ", ") + tomlString(item);
    return "[" + text + "]";
}

std::string valueOf(const StringMap& map) {
    std::string text;
    for (const auto& [name, value] : map)
        text += (text.empty() ? " " : ", ") + tomlString(name) + " = " + tomlString(value);
    return "{" + text + " }";
}

constexpr std::string_view kBare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/// Of a plugin's key, which may be anything.
std::string keyName(const std::string& name) {
    const bool is_bare = !name.empty() && name.find_first_not_of(kBare) == std::string::npos;
    return is_bare ? name : tomlString(name);
}

std::string line(const std::string& key, const std::string& value) { return key + " = " + value + "\n"; }

std::string number(const char* key, uint64_t value) { return line(key, std::to_string(value)); }
std::string duration(const char* key, uint64_t ms) { return line(key, tomlString(std::to_string(ms) + "ms")); }
std::string flag(const char* key, bool value) { return line(key, valueOf(value)); }
std::string string(const char* key, const std::string& value) { return line(key, tomlString(value)); }

/// As chmod takes it.
std::string mode(const char* key, uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", value);
    return string(key, text);
}

/// For keys whose empty value is not written but left out.
std::string ifSet(const char* key, const std::string& value) {
    return value.empty() ? std::string() : string(key, value);
}

/// The word that `keys` has for a choice.
template <class T>
std::string choice(std::span<const Key<T>> keys, std::string_view name, size_t value) {
    auto key =
        std::find_if(keys.begin(), keys.end(), [&](const Key<T>& one) { return name == one.declared.name; });
    return string(key->declared.name, key->rule.choices[value]);
}

std::string listenValue(const std::vector<Listen>& listen) {
    std::vector<std::string> texts;
    texts.reserve(listen.size());
    for (const Listen& one : listen) texts.push_back(one.address + (one.tls ? " tls" : ""));
    return valueOf(texts);
}

/// Those are in no list of keys, and a file that does not measure has none of them.
std::string measuringKeys(const Server& of) {
    return (of.inject_null_calls == 0 ? "" : number("inject_null_calls", of.inject_null_calls)) +
           (of.ledger ? "" : flag("ledger", false));
}

std::string serverTable(const Server& of) {
    return "[server]\n" + line("listen", listenValue(of.listen)) +
           line("trusted_proxies", valueOf(of.trusted_proxies)) +
           choice(serverKeys(), "forwarded_field", static_cast<size_t>(of.forwarded_field)) +
           line("proxy_protocol", valueOf(of.proxy_protocol)) + mode("listen_mode", of.listen_mode) +
           ifSet("listen_group", of.listen_group) + number("backlog", of.backlog) +
           duration("defer_accept", of.defer_accept_ms) + number("workers", of.workers) + ifSet("user", of.user) +
           ifSet("group", of.group) + string("plugin_folder", of.plugin_folder) +
           string("runtime_folder", of.runtime_folder) + string("spool_folder", of.spool_folder) +
           string("control_socket", of.control_socket) + string("purge_socket", of.purge_socket) +
           string("pid_file", of.pid_file) + string("error_log", of.error_log) +
           string("access_log", of.access_log) + string("access_format", of.access_format) +
           choice(serverKeys(), "log_level", static_cast<size_t>(of.log_level)) +
           number("log_max_size", of.log_max_size) + number("log_keep", of.log_keep) +
           ifSet("server_name", of.server_name) + flag("http2", of.http2) + flag("ktls", of.ktls) +
           flag("splice", of.splice) + measuringKeys(of);
}

std::string limitsTable(const Limits& of) {
    return "\n[limits]\n" + number("request_line", of.request_line) + number("field", of.field) +
           number("fields_total", of.fields_total) + number("fields", of.fields) +
           duration("handshake", of.handshake_ms) + duration("header", of.header_ms) +
           duration("body_gap", of.body_gap_ms) + number("body_rate", of.body_rate) +
           duration("keepalive", of.keepalive_ms) + duration("write", of.write_ms) +
           number("write_rate", of.write_rate) + duration("linger", of.linger_ms) +
           duration("drain", of.drain_ms) + number("requests_per_connection", of.requests_per_connection) +
           number("streams", of.streams) + duration("connection_age", of.connection_age_ms) +
           number("connections", of.connections) + number("connections_per_address", of.connections_per_address) +
           number("body_memory", of.body_memory) + number("spool_total", of.spool_total) +
           number("spool_per_address", of.spool_per_address) +
           number("spool_free_per_mille", of.spool_free_per_mille) + number("request_memory", of.request_memory) +
           number("pool_threads", of.pool_threads) + number("pool_queue", of.pool_queue) +
           number("background", of.background) + number("background_per_site", of.background_per_site);
}

std::string useKeys(const PluginUse& use) {
    std::string text = string("plugin", use.plugin);
    for (const RawKey& key : use.keys)
        text += line(keyName(key.name), std::visit([](const auto& value) { return valueOf(value); }, key.value));
    return text;
}

std::string routeTable(const Route& route) {
    std::string text = "\n[[site.route]]\n" + ifSet("exact", route.match.exact) +
                       ifSet("prefix", route.match.prefix) + ifSet("suffix", route.match.suffix) +
                       ifSet("pattern", route.match.pattern) + ifSet("root", route.root) +
                       (route.internal ? flag("internal", true) : "");
    if (!route.try_files.empty()) text += line("try", valueOf(route.try_files));
    return text + useKeys(route.use);
}

std::string tlsValue(const Tls& tls) {
    StringMap parts{{"certificate", tls.certificate.path}, {"key", tls.key.path}};
    if (!tls.ocsp.path.empty()) parts.emplace_back("ocsp", tls.ocsp.path);
    if (tls.client_ca.path.empty()) return valueOf(parts);
    parts.emplace_back("client_ca", tls.client_ca.path);
    parts.emplace_back("client", tls.client_required ? "required" : "optional");
    return valueOf(parts);
}

std::string siteTable(const Site& site) {
    StringMap pages;
    for (const auto& [status, page] : site.error_pages) pages.emplace_back(std::to_string(status), page);
    std::string text = "\n[[site]]\n" + string("name", site.name) + line("hosts", valueOf(site.hosts)) +
                       ifSet("root", site.root) + line("index", valueOf(site.index)) +
                       choice(siteKeys(), "links", static_cast<size_t>(site.links)) +
                       flag("hidden_files", site.hidden_files) + flag("source_files", site.source_files) +
                       ifSet("user", site.user) + ifSet("group", site.group) +
                       string("access_log", site.access_log) + string("access_format", site.access_format) +
                       number("body_limit", site.body_limit) + flag("x_sendfile", site.x_sendfile) +
                       flag("x_accel_redirect", site.x_accel_redirect) +
                       flag("server_timing", site.server_timing) + flag("interim_http1", site.interim_http1);
    if (!pages.empty()) text += line("error_pages", valueOf(pages));
    if (site.tls.isOn()) text += line("tls", tlsValue(site.tls));
    text += ifSet("hsts", site.hsts) + flag("redirect_https", site.redirect_https);
    for (const Route& route : site.routes) text += routeTable(route);
    for (const PluginUse& hook : site.hooks) text += "\n[[site.hook]]\n" + useKeys(hook);
    return text;
}

}  // namespace

std::string tomlString(std::string_view text) {
    std::string to = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        char code[8];
        if (c == '"' || c == '\\')
            to += {'\\', c};
        else if (byte < 0x20 || byte == 0x7f)
            to.append(code, static_cast<size_t>(std::snprintf(code, sizeof code, "\\u%04X", byte)));
        else
            to += c;
    }
    return to + "\"";
}

std::string toml(const Snapshot& snapshot) {
    std::string text = serverTable(snapshot.server) + limitsTable(snapshot.server.limits);
    for (const Site& site : snapshot.sites) text += siteTable(site);
    return text;
}

}  // namespace turnpike::config
