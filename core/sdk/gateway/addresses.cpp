#include "sdk/gateway/addresses.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <sstream>

#include "sdk/plugin.hpp"
#include "sdk/services.h"

namespace turnpike::gateway {
namespace {

bool isPort(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

std::vector<std::string> resolve(const tp_host& host, const char* key, const std::string& name) {
    const auto* io = static_cast<const tp_io*>(host.extension(TP_IO_ID));
    if (io == nullptr || io->struct_size <= offsetof(tp_io, look_up))
        throw Refused(key, "\"" + name + "\": this host looks up no names, write the address");
    std::array<char, 4096> known;
    const int64_t size = io->look_up({name.data(), name.size()}, known.data(), known.size());
    if (size < 0) throw Refused(key, "cannot find the address of \"" + name + "\"");
    std::istringstream words(std::string(known.data(), static_cast<size_t>(size)));
    std::vector<std::string> hosts;
    for (std::string one; words >> one;) hosts.push_back(one);
    return hosts;
}

}  // namespace

bool isNumericHost(std::string_view host) {
    const bool is_v6 = host.starts_with('[') && host.ends_with(']');
    if (is_v6) host = host.substr(1, host.size() - 2);
    const std::string_view allowed = is_v6 ? "0123456789abcdefABCDEF:." : "0123456789.";
    return !host.empty() && host.find_first_not_of(allowed) == host.npos;
}

bool isHostName(std::string_view host) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return !host.empty() && host.find_first_not_of(kAllowed) == host.npos;
}

std::vector<std::string> lookUp(const tp_host& host, const char* key, const std::string& address) {
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos || !isPort(std::string_view(address).substr(colon + 1)))
        throw Refused(key, "\"" + address + "\" is neither \"unix:/path\" nor \"address:port\"");
    const std::string name = address.substr(0, colon);
    if (isNumericHost(name)) return {address};
    if (!isHostName(name))
        throw Refused(key, "\"" + address + "\": \"" + name + "\" is neither an address nor a name");
    std::vector<std::string> hosts = resolve(host, key, name);
    for (std::string& one : hosts) one += address.substr(colon);
    return hosts;
}

}  // namespace turnpike::gateway
