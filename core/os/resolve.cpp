#include "os/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace turnpike::os {
namespace {

using Found = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// RFC 6761 section 6.3: that name is the machine itself, also where no hosts file says so.
bool isItself(const std::string& host) { return host == "localhost"; }

Result<Found> lookUp(const std::string& host, const char* port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), port, &hints, &found);
    if (error != 0) return Error{ENOENT, "cannot find " + host + ": " + ::gai_strerror(error)};
    return Found(found, &::freeaddrinfo);
}

std::vector<std::string> hostsOf(const addrinfo* found, int family) {
    std::vector<std::string> hosts;
    for (; found != nullptr; found = found->ai_next) {
        if (found->ai_family != family) continue;
        char text[INET6_ADDRSTRLEN];
        const void* binary = &reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_addr;
        if (family == AF_INET6) binary = &reinterpret_cast<const sockaddr_in6*>(found->ai_addr)->sin6_addr;
        if (::inet_ntop(family, binary, text, sizeof text) == nullptr) continue;
        hosts.push_back(family == AF_INET ? std::string(text) : "[" + std::string(text) + "]");
    }
    std::ranges::sort(hosts);
    hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
    return hosts;
}

}  // namespace

Result<Address> resolve(const std::string& host, uint16_t port) {
    const auto found = lookUp(host, std::to_string(port).c_str());
    if (!found && isItself(host)) return Address::parse("127.0.0.1:" + std::to_string(port));
    if (!found) return found.error();
    Address address;
    std::memcpy(&address.storage, (*found)->ai_addr, (*found)->ai_addrlen);
    address.size = (*found)->ai_addrlen;
    return address;
}

Result<std::vector<std::string>> resolveAll(const std::string& host) {
    if (isItself(host)) return std::vector<std::string>{"127.0.0.1"};
    const auto found = lookUp(host, nullptr);
    if (!found) return found.error();
    std::vector<std::string> hosts = hostsOf(found->get(), AF_INET);
    if (hosts.empty()) hosts = hostsOf(found->get(), AF_INET6);
    if (hosts.empty()) return Error{ENOENT, host + " has no IP address"};
    return hosts;
}

}  // namespace turnpike::os
