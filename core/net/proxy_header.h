// proxy_header.h - the header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): what a
// proxy says of the client before the client's own bytes. Parsed strictly. Pure; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "os/socket.h"

namespace turnpike::net {

struct ProxyHeader {
    /// True: it tells of nobody (LOCAL, UNKNOWN, a unix socket): the connection's own addresses hold.
    bool is_local = true;
    os::Address source, destination;
};

enum class ProxyParse : uint8_t { More, Complete, Bad };
struct ProxyResult {
    ProxyParse state;
    size_t size;         // Complete: bytes of the header
    const char* reason;  // Bad: static text
};

/// Never longer than this; a longer one is bad.
inline constexpr size_t kMostProxyHeader = 4096;

/// Parses the header at the begin of `bytes`. The result does not depend on how many bytes behind it are there.
ProxyResult parseProxyHeader(std::string_view bytes, ProxyHeader& header);

}  // namespace turnpike::net
