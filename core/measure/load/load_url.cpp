#include "measure/load/load_url.h"

#include <algorithm>
#include <charconv>

#include "http/syntax.h"
#include "os/resolve.h"

namespace turnpike::measure {
namespace {

Error refuse(std::string why) { return {EINVAL, std::move(why)}; }

bool parsePort(std::string_view text, uint16_t* port) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
    return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

constexpr uint16_t kHttpPort = 80, kHttpsPort = 443;

/// "name", "name:80", "127.0.0.1:80", "[::1]:80".
Result<LoadUrl> parseAuthority(std::string_view text, bool is_secure) {
    LoadUrl url;
    url.is_secure = is_secure;
    url.port = is_secure ? kHttpsPort : kHttpPort;
    size_t host_end = text.starts_with('[') ? text.find(']') + 1 : text.find(':');
    if (text.starts_with('[') && host_end == 0) return refuse("a [ without its ] in " + std::string(text));
    std::string_view host = text.substr(0, host_end);
    std::string_view port = text.substr(std::min(host.size(), text.size()));
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    if (host.empty() || host.find('@') != std::string_view::npos)
        return refuse("expected http[s]://HOST[:PORT]/PATH, not the host \"" + std::string(text) + "\"");
    if (!port.empty() && (port.front() != ':' || !parsePort(port.substr(1), &url.port)))
        return refuse("not a port: " + std::string(port));
    url.host = host;
    return url;
}

Result<LoadUrl> withTarget(LoadUrl url, std::string_view target) {
    auto parsed = parseTarget(target);
    if (!parsed) return parsed.error();
    url.target = std::move(*parsed);
    return url;
}

}  // namespace

std::string LoadUrl::hostField() const {
    if (!socket.empty()) return "localhost";
    std::string field = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (is_secure ? kHttpsPort : kHttpPort) ? field : field + ":" + std::to_string(port);
}

Result<std::string> parseTarget(std::string_view text) {
    std::string target(text.substr(0, text.find('#')));
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    for (char c : target)
        if (c == ' ' || c == '\t' || !http::isFieldByte(c))
            return refuse("a blank or control byte in the path " + std::string(text) +
                          ": write it as %20 or the like");
    return target;
}

Result<LoadUrl> parseLoadUrl(std::string_view text) {
    constexpr std::string_view kHttp = "http://", kHttps = "https://", kUnix = "unix:";
    if (text.starts_with(kUnix)) {
        std::string_view rest = text.substr(kUnix.size());
        size_t end = rest.find(":/");
        LoadUrl url;
        url.socket = rest.substr(0, end);
        if (!url.socket.starts_with('/')) return refuse("expected unix:/SOCKET[:/PATH], not " + std::string(text));
        return withTarget(std::move(url), end == std::string_view::npos ? "/" : rest.substr(end + 1));
    }
    const bool is_secure = text.starts_with(kHttps);
    if (!is_secure && !text.starts_with(kHttp))
        return refuse("expected http[s]://HOST[:PORT]/PATH or unix:/SOCKET[:/PATH], not " + std::string(text));
    std::string_view rest = text.substr((is_secure ? kHttps : kHttp).size());
    size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    auto url = parseAuthority(rest.substr(0, end), is_secure);
    if (!url) return url;
    return withTarget(std::move(*url), rest.substr(end));
}

Result<os::Address> addressOf(const LoadUrl& url) {
    if (!url.socket.empty()) return os::Address::parse("unix:" + url.socket);
    return os::resolve(url.host, url.port);
}

}  // namespace turnpike::measure
