#include "server/real_client.h"

#include <algorithm>
#include <vector>

#include "http/syntax.h"
#include "os/socket.h"
#include "sdk/support/lists.h"

namespace turnpike::server {
namespace {

/// More proxies stand in no chain; it bounds the work for a request.
constexpr size_t kMostHops = 32;

std::string_view text(tp_str s) { return {s.ptr, s.len}; }

/// What one proxy said: who its client was, and how that one came.
struct Hop {
    std::string_view node, scheme;
};

/// The end of the first element of `list`: a separator that stands in no quoted string.
size_t elementEnd(std::string_view list, char separator) {
    bool quoted = false;
    for (size_t i = 0; i < list.size(); ++i) {
        if (quoted && list[i] == '\\')
            ++i;
        else if (list[i] == '"')
            quoted = !quoted;
        else if (!quoted && list[i] == separator)
            return i;
    }
    return list.size();
}

template <class Each>
void forEach(std::string_view list, char separator, Each each) {
    for (;;) {
        const size_t end = elementEnd(list, separator);
        each(http::trimBlanks(list.substr(0, end)));
        if (end == list.size()) return;
        list.remove_prefix(end + 1);
    }
}

/// A value of RFC 7239 without its quotes. Nodes and schemes hold nothing that must be escaped.
std::string_view unquoted(std::string_view value) {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
    return value.substr(1, value.size() - 2);
}

/// forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
Hop readElement(std::string_view element) {
    Hop hop;
    forEach(element, ';', [&](std::string_view pair) {
        const size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return;
        const std::string_view name = pair.substr(0, equals), value = unquoted(pair.substr(equals + 1));
        if (http::equalsLower(name, "for")) hop.node = value;
        if (http::equalsLower(name, "proto")) hop.scheme = value;
    });
    return hop;
}

/// The last ones of all fields of that name, in the order of the wire.
std::vector<Hop> readHops(const tp_field* fields, size_t count, bool is_rfc7239) {
    std::vector<Hop> hops;
    const std::string_view name = is_rfc7239 ? "forwarded" : "x-forwarded-for";
    for (size_t i = 0; i < count; ++i) {
        if (text(fields[i].name) != name) continue;
        forEach(text(fields[i].value), ',', [&](std::string_view element) {
            if (element.empty()) return;  // a list may have empty elements
            hops.push_back(is_rfc7239 ? readElement(element) : Hop{element, {}});
        });
    }
    if (hops.size() > kMostHops) hops.erase(hops.begin(), hops.end() - kMostHops);
    return hops;
}

/// The last thing that anybody said of the scheme.
std::string_view lastScheme(const tp_field* fields, size_t count) {
    std::string_view scheme;
    for (size_t i = 0; i < count; ++i)
        if (text(fields[i].name) == "x-forwarded-proto")
            forEach(text(fields[i].value), ',', [&](std::string_view element) { scheme = element; });
    return scheme;
}

std::optional<bool> isSecure(std::string_view scheme) {
    if (http::equalsLower(scheme, "https")) return true;
    if (http::equalsLower(scheme, "http")) return false;
    return std::nullopt;
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80". Not "unknown" and "_hidden".
std::optional<os::Address> readNode(std::string_view node) {
    const bool has_brackets = node.starts_with('[');
    const auto colons = std::count(node.begin(), node.end(), ':');
    const bool has_port = has_brackets ? !node.ends_with(']') : colons == 1;
    std::string whole(node);
    if (!has_brackets && colons > 1) whole = "[" + whole + "]";
    if (!has_port) whole += ":0";
    // What only a listener may be.
    if (whole.starts_with(':') || whole.starts_with('*') || whole.starts_with("unix:")) return std::nullopt;
    auto parsed = os::Address::parse(whole);
    if (!parsed) return std::nullopt;
    return *parsed;
}

}  // namespace

RealClient realClient(const tp_field* fields, size_t count, const config::Server& server) {
    const bool is_rfc7239 = server.forwarded_field == config::ForwardedField::Forwarded;
    const std::vector<Hop> hops = readHops(fields, count, is_rfc7239);
    RealClient client;
    if (!is_rfc7239) client.secure = isSecure(lastScheme(fields, count));
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const std::optional<os::Address> address = readNode(hop->node);
        if (is_rfc7239) client.secure = isSecure(hop->scheme);
        if (!address) break;
        client.address = address->host();
        client.network = address->network();
        client.port = address->port();
        if (!server.trusted.contains(client.address)) break;
    }
    return client;
}

}  // namespace turnpike::server
