#include "forwarded.h"

namespace turnpike::proxy {
namespace {

/// node (RFC 7239 section 6): IPv6 stands in brackets, and that in quotes; a client without an address is
/// "unknown".
std::string node(std::string_view address) {
    if (address.starts_with("unix:") || address.empty()) return "unknown";
    if (address.find(':') == std::string_view::npos) return std::string(address);
    return "\"[" + std::string(address) + "]\"";
}

/// A quoted-string, whatever it holds; a Host has passed the host's own parser, so that is no quote.
std::string quoted(std::string_view value) {
    std::string to = "\"";
    for (char c : value) {
        if (c == '"' || c == '\\') to += '\\';
        to += c;
    }
    return to + '"';
}

}  // namespace

bool isForwardedField(std::string_view name) {
    return name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded-");
}

void appendForwarded(const tp_request_view& request, bool x_forwarded, bool rfc7239, std::string& to) {
    const std::string_view address = text(request.remote_address), host = field(request, "host");
    const std::string_view scheme = request.secure != 0 ? "https" : "http";
    if (x_forwarded) {
        if (!address.starts_with("unix:")) to.append("x-forwarded-for: ").append(address).append("\r\n");
        to.append("x-forwarded-proto: ").append(scheme).append("\r\n");
        if (!host.empty()) to.append("x-forwarded-host: ").append(host).append("\r\n");
    }
    if (rfc7239) {
        to.append("forwarded: for=").append(node(address)).append(";proto=").append(scheme);
        if (!host.empty()) to.append(";host=").append(quoted(host));
        to.append("\r\n");
    }
}

}  // namespace turnpike::proxy
