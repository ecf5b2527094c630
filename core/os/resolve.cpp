#include "os/resolve.h"

#include <netdb.h>

#include <cstring>

namespace turnpike::os {

Result<Address> resolve(const std::string& host, uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    // RFC 6761 section 6.3: that name is the machine itself, also where no hosts file says so.
    if (error != 0 && host == "localhost") return Address::parse("127.0.0.1:" + std::to_string(port));
    if (error != 0) return Error{ENOENT, "cannot find " + host + ": " + ::gai_strerror(error)};
    Address address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.size = found->ai_addrlen;
    ::freeaddrinfo(found);
    return address;
}

}  // namespace turnpike::os
