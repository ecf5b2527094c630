#include "config/host_name.h"

#include "config/suggest.h"

namespace turnpike::config {
namespace {

constexpr std::string_view kLabel = "abcdefghijklmnopqrstuvwxyz0123456789-_";

bool isLabel(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.find_first_not_of(kLabel) == std::string_view::npos &&
           label.front() != '-' && label.back() != '-';
}

/// Dots between labels, RFC 1123 2.1, and '_', which names in private networks have.
bool isDomain(std::string_view name) {
    if (name.size() > 253) return false;
    for (;;) {
        size_t dot = name.find('.');
        if (!isLabel(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

bool isIpv6Literal(std::string_view text) {
    if (!text.starts_with('[') || !text.ends_with(']') || text.size() < 4) return false;
    return text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

std::string reason(std::string_view text) {
    if (text.starts_with("http://") || text.starts_with("https://")) return "is a URL: write the host alone";
    if (text.find('/') != std::string_view::npos) return "holds a path: write the host alone";
    if (text.find(':') != std::string_view::npos) return "holds a port: write the host alone";
    if (text.find('*') != std::string_view::npos)
        return "is no host: \"*\" may stand alone or before the first dot";
    return "is no host name";
}

}  // namespace

Result<std::string> parseHostName(std::string_view text) {
    std::string host(text);
    for (char& c : host)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (host == "*" || isDomain(host) || isIpv6Literal(host)) return host;
    if (host.starts_with("*.") && isDomain(std::string_view(host).substr(2))) return host;
    return Error{EINVAL, quoted(text) + " " + reason(host)};
}

}  // namespace turnpike::config
