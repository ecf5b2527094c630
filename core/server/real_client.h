// real_client.h - who a request is from when it came through proxies: what trusted ones say of it, and nothing
// that others do. Pure; any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/snapshot.h"
#include "sdk/plugin.h"

namespace turnpike::server {

struct RealClient {
    std::string address;  // numeric, as os::Address::host() writes it
    std::string network;  // whom limits count it to
    uint16_t port = 0;    // 0: nobody said
    std::optional<bool> secure;
};

/// For a request whose peer is a trusted proxy: the fields are walked from the right, the last one written first,
/// as long as the one who wrote an address is trusted. Nothing: they tell of nobody. secure alone may be told as
/// well.
RealClient realClient(const tp_field* fields, size_t count, const config::Server& server);

}  // namespace turnpike::server
