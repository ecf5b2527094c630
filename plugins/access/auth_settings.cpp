#include "auth_settings.h"

#include <algorithm>

#include "sdk/support/lists.h"
#include "sdk/support/networks.h"

namespace turnpike::access {
namespace {

constexpr const char* kForm = "write \"http://127.0.0.1:9000/check\" or \"http://unix:/run/auth.sock:/check\"";

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
    throw Refused("auth", "\"" + url + "\" " + why + ": " + kForm);
}

/// A numeric address with a port: names would have to be looked up for each request.
bool isAddress(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == text.size() || text.size() - colon > 6) return false;
    if (text.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) return false;
    std::string_view host = text.substr(0, colon);
    const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    return support::parseAddress(host).has_value() && (host.find(':') != std::string_view::npos) == is_bracketed;
}

void parse(const std::string& url, AuthSettings& to) {
    constexpr std::string_view kScheme = "http://", kUnix = "unix:/";
    if (!url.starts_with(kScheme)) refuse(url, "is no http:// URL");
    std::string_view rest = std::string_view(url).substr(kScheme.size());
    if (std::ranges::any_of(rest, [](char c) { return c <= ' ' || c > '~' || c == '#'; }))
        refuse(url, "holds what no URL may hold");
    const bool is_unix = rest.starts_with(kUnix);
    const size_t end = is_unix ? rest.find(":/", kUnix.size()) : rest.find('/');
    if (end == std::string_view::npos) refuse(url, "has no path");
    to.address = rest.substr(0, end);
    to.target = rest.substr(is_unix ? end + 1 : end);
    if (is_unix) return;
    if (!isAddress(to.address)) refuse(url, "has no numeric address with a port");
    to.host = to.address;
}

std::vector<std::string> fieldNames(const tp_host& host, const tp_setup& setup, const char* key) {
    const tp_str* names = nullptr;
    const size_t count = host.config_list(&setup, key, &names);
    std::vector<std::string> lowered;
    for (size_t i = 0; i < count; ++i) lowered.push_back(support::lowered(text(names[i])));
    return lowered;
}

}  // namespace

std::optional<AuthSettings> AuthSettings::read(const tp_host& host, const tp_setup& setup) {
    const std::string url(text(host.config_string(&setup, "auth")));
    if (url.empty()) {
        for (const char* key : {"auth_timeout", "auth_user", "auth_pass", "auth_forward"})
            if (host.config_is_set(&setup, key) != 0) throw Refused(key, "says nothing without `auth`");
        return std::nullopt;
    }
    AuthSettings settings{};
    parse(url, settings);
    const int64_t timeout = host.config_integer(&setup, "auth_timeout");
    if (timeout < 1 || timeout > 600'000) throw Refused("auth_timeout", "must be between 1ms and 10min");
    settings.timeout_ms = static_cast<uint64_t>(timeout);
    settings.user_field = support::lowered(text(host.config_string(&setup, "auth_user")));
    settings.pass_fields = fieldNames(host, setup, "auth_pass");
    settings.forward_fields = fieldNames(host, setup, "auth_forward");
    settings.io = static_cast<const tp_io*>(host.extension(TP_IO_ID));
    settings.requests = static_cast<const tp_request_service*>(host.extension(TP_REQUEST_ID));
    if (settings.requests == nullptr)
        throw Refused("auth", "this host is too old for it: it has no " TP_REQUEST_ID);
    if (settings.io == nullptr) throw Refused("auth", "this host connects to nobody (" TP_IO_ID ")");
    return settings;
}

}  // namespace turnpike::access
