#include "sdk/gateway/addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "sdk/plugin.hpp"

namespace turnpike::gateway {
namespace {

bool isPort(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

bool isName(std::string_view host) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return !host.empty() && host.find_first_not_of(kAllowed) == host.npos;
}

std::vector<std::string> hostsOf(const addrinfo* found, int family) {
    std::vector<std::string> hosts;
    for (; found != nullptr; found = found->ai_next) {
        if (found->ai_family != family) continue;
        char text[INET6_ADDRSTRLEN];
        const void* binary =
            family == AF_INET ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr)
                              : &reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_addr;
        if (inet_ntop(family, binary, text, sizeof text) != nullptr)
            hosts.push_back(family == AF_INET ? std::string(text) : "[" + std::string(text) + "]");
    }
    std::ranges::sort(hosts);
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    return hosts;
}

std::vector<std::string> resolve(const char* key, const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
    if (error != 0) throw Refused(key, "cannot find the address of \"" + host + "\": " + ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
    std::vector<std::string> hosts = hostsOf(list, AF_INET);
    if (hosts.empty()) hosts = hostsOf(list, AF_INET6);
    if (hosts.empty()) throw Refused(key, "\"" + host + "\" has no IP address");
    return hosts;
}

}  // namespace

bool isNumericHost(std::string_view host) {
    const bool is_v6 = host.starts_with('[') && host.ends_with(']');
    if (is_v6) host = host.substr(1, host.size() - 2);
    const std::string_view allowed = is_v6 ? "0123456789abcdefABCDEF:." : "0123456789.";
    return !host.empty() && host.find_first_not_of(allowed) == host.npos;
}

std::vector<std::string> lookUp(const char* key, const std::string& address) {
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos || !isPort(std::string_view(address).substr(colon + 1)))
        throw Refused(key, "\"" + address + "\" is neither \"unix:/path\" nor \"address:port\"");
    const std::string host = address.substr(0, colon);
    if (isNumericHost(host)) return {address};
    if (!isName(host))
        throw Refused(key, "\"" + address + "\": \"" + host + "\" is neither an address nor a name");
    std::vector<std::string> hosts =
        host == "localhost" ? std::vector<std::string>{"127.0.0.1"} : resolve(key, host);
    for (std::string& one : hosts) one += address.substr(colon);
    return hosts;
}

}  // namespace turnpike::gateway
