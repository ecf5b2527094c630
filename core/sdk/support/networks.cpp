#include "sdk/support/networks.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>

namespace turnpike::support {
namespace {

constexpr unsigned kMappedBits = 96;  // what an IPv4 address has before it as an IPv6 one

bool isWithin(const AddressBytes& address, const AddressBytes& network, unsigned bits) {
    const unsigned whole = bits / 8, rest = bits % 8;
    if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
    return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

bool hasBitsBehind(const AddressBytes& address, unsigned bits) {
    AddressBytes network{};
    const unsigned whole = bits / 8, rest = bits % 8;
    std::copy_n(address.begin(), whole, network.begin());
    if (rest != 0) network[whole] = static_cast<uint8_t>(address[whole] & (0xff << (8 - rest)));
    return network != address;
}

}  // namespace

std::optional<AddressBytes> parseAddress(std::string_view text) {
    const std::string owned(text);
    if (owned.find('\0') != std::string::npos) return std::nullopt;
    AddressBytes bytes{};
    if (inet_pton(AF_INET6, owned.c_str(), bytes.data()) == 1) return bytes;
    bytes = {};
    bytes[10] = bytes[11] = 0xff;
    if (inet_pton(AF_INET, owned.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

std::string Networks::add(std::string_view item) {
    if (item == "all") return all_ = true, "";
    if (item == "unix") return unix_ = true, "";
    const std::string quoted = "\"" + std::string(item) + "\"";
    const size_t slash = item.find('/');
    const std::string_view host = item.substr(0, slash);
    const auto address = parseAddress(host);
    if (!address)
        return quoted + " is no address: write 192.0.2.1, 10.0.0.0/8, 2001:db8::/32, \"unix\" or \"all\"";
    unsigned bits = 128;
    if (slash != std::string_view::npos) {
        const std::string_view length = item.substr(slash + 1);
        const unsigned before = host.find(':') == std::string_view::npos ? kMappedBits : 0;
        const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
        if (error != std::errc() || end != length.data() + length.size() || bits > 128 - before)
            return quoted + ": what follows the slash is a number of bits, up to " + std::to_string(128 - before);
        bits += before;
    }
    // Most likely a slip in one of the two halves, and which one cannot be told.
    if (hasBitsBehind(*address, bits)) return quoted + " has bits set behind its network";
    networks_.push_back({*address, bits});
    return "";
}

bool Networks::contains(std::string_view client) const {
    if (all_) return true;
    if (client.starts_with("unix:")) return unix_;
    const auto address = parseAddress(client);
    return address && std::ranges::any_of(networks_, [&](const Network& network) {
               return isWithin(*address, network.bytes, network.bits);
           });
}

}  // namespace turnpike::support
