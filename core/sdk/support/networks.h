// networks.h - sets of client addresses: single ones, CIDR networks, "all" and "unix". Pure; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnpike::support {

/// Sixteen bytes whatever the family: IPv4 stands where IPv6 maps it (::ffff:a.b.c.d), so that a client is the
/// same client on a socket of either family.
using AddressBytes = std::array<uint8_t, 16>;

/// Empty for what is no numeric address.
std::optional<AddressBytes> parseAddress(std::string_view text);

class Networks {
 public:
    /// Adds "192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "all" or "unix". What is wrong with it, or empty.
    std::string add(std::string_view item);

    bool isEmpty() const { return networks_.empty() && !all_ && !unix_; }
    bool hasAll() const { return all_; }
    /// `client`: as the host tells it, numeric or "unix:".
    bool contains(std::string_view client) const;

 private:
    struct Network {
        AddressBytes bytes;
        unsigned bits;  // of the sixteen bytes
    };
    std::vector<Network> networks_;
    bool all_ = false, unix_ = false;
};

}  // namespace turnpike::support
