#include "request_head.h"

#include <algorithm>
#include <iterator>

#include "forwarded.h"
#include "sdk/http/syntax.h"

namespace turnpike::proxy {
namespace {

/// What may stand in a path as it is: pchar of RFC 3986 section 3.3, and '/'.
bool isPathByte(char c) {
    static constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/";
    return http::isAlpha(c) || http::isDigit(c) || kOthers.find(c) != std::string_view::npos;
}

/// A client's own query has only visible bytes; what a rewrite put into one may hold anything.
bool isQueryByte(char c) { return c > ' ' && c < 0x7f; }

void appendEncoded(std::string_view part, bool (*may_stand)(char), std::string& to) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (char c : part) {
        const auto byte = static_cast<unsigned char>(c);
        if (may_stand(c))
            to += c;
        else
            to.append(1, '%').append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
}

/// True when `raw` is a spelling of `path`, byte for byte: nothing was normalised, and no rewrite came between.
bool spells(std::string_view raw, std::string_view path) {
    size_t at = 0;
    for (size_t i = 0; i < raw.size(); ++i, ++at) {
        char c = raw[i];
        if (c == '%' && i + 2 < raw.size()) {
            c = static_cast<char>(http::hexValue(raw[i + 1]) * 16 + http::hexValue(raw[i + 2]));
            i += 2;
        }
        if (at >= path.size() || path[at] != c) return false;
    }
    return at == path.size();
}

/// Fields of a request that are told anew here, or that end here.
bool isWithheld(std::string_view name, const tp_request_view& request) {
    static constexpr std::string_view kNames[] = {"host", "content-length", "expect", "proxy-authorization"};
    if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
    if (name == "authorization" && request.remote_user.len > 0) return true;  // it was checked here
    return isForwardedField(name);
}

/// Many programs cannot tell '_' from '-' in the name of a field: "X_Forwarded_For" would pass for the real one.
bool isPlainName(std::string_view name) {
    return std::all_of(name.begin(), name.end(),
                       [](char c) { return http::isAlpha(c) || http::isDigit(c) || c == '-'; });
}

void appendField(std::string_view name, std::string_view value, std::string& to) {
    to.append(name).append(": ").append(value).append("\r\n");
}

bool isSet(const gateway::Pairs& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(), [&](const auto& pair) { return pair.first == name; });
}

void appendFields(const tp_request_view& request, const Settings& settings, std::string& to) {
    for (uint32_t i = 0; i < request.field_count; ++i) {
        const std::string_view name = text(request.fields[i].name);
        if (isWithheld(name, request) || !isPlainName(name) || isSet(settings.fields, name)) continue;
        appendField(name, text(request.fields[i].value), to);
    }
    for (const auto& [name, value] : settings.fields)
        if (!value.empty()) appendField(name, value, to);
}

void appendFraming(const tp_request_view& request, std::string& to) {
    const int32_t method = request.method_id;
    if (request.body_length == TP_LENGTH_UNKNOWN)
        appendField("transfer-encoding", "chunked", to);
    else if (request.body_length > 0 || method == TP_METHOD_POST || method == TP_METHOD_PUT ||
             method == TP_METHOD_PATCH)
        appendField("content-length", std::to_string(request.body_length), to);
}

}  // namespace

std::string_view chooseUpgrade(std::string_view upgrade, const std::vector<std::string>& allowed) {
    http::ListReader list(upgrade);
    std::string_view offered;
    while (list.next(offered))
        for (const std::string& protocol : allowed)
            if (http::equalsLower(offered, protocol)) return protocol;
    return {};
}

Upload::Coding codingOf(const tp_request_view& request) {
    if (request.body_length == TP_LENGTH_UNKNOWN) return Upload::Coding::Chunked;
    return request.body_length > 0 ? Upload::Coding::Plain : Upload::Coding::None;
}

void appendTarget(const tp_request_view& request, bool strip_prefix, std::string& to) {
    std::string_view path = text(request.path), raw = text(request.target), prefix;
    raw = raw.substr(0, raw.find('?'));
    if (strip_prefix) prefix = text(request.route_prefix);
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    const bool is_faithful = spells(raw, path) && raw.starts_with(prefix);
    if (is_faithful) path = raw;
    if (path.starts_with(prefix)) path.remove_prefix(prefix.size());
    if (!path.starts_with('/')) to += '/';
    if (is_faithful)
        to.append(path);
    else
        appendEncoded(path, isPathByte, to);
    if (request.query.len > 0) appendEncoded(text(request.query), isQueryByte, to += '?');
}

void appendHead(const tp_request_view& request, const Settings& settings, std::string_view authority,
                std::string_view upgrade, std::string& to) {
    to.append(text(request.method)).append(1, ' ');
    appendTarget(request, settings.strip_prefix, to);
    to.append(" HTTP/1.1\r\n");
    const std::string_view asked = field(request, "host");
    if (!settings.host.empty())
        authority = settings.host;
    else if (!asked.empty())
        authority = asked;
    appendField("host", authority, to);
    appendFields(request, settings, to);
    appendForwarded(request, settings.x_forwarded, settings.rfc7239, to);
    if (!settings.via.empty()) appendField("via", "1.1 " + settings.via, to);
    appendFraming(request, to);
    if (!upgrade.empty()) {
        appendField("connection", "upgrade", to);
        appendField("upgrade", upgrade, to);
    } else if (!settings.keep) {
        appendField("connection", "close", to);
    }
    to.append("\r\n");
}

}  // namespace turnpike::proxy
