#include "balance.h"

#include <charconv>

#include "sdk/support/lists.h"

namespace turnpike::proxy {
namespace {

/// FNV-1a, and the finish of splitmix64, without which short keys would hardly differ in their high bits.
uint64_t hash(std::string_view bytes, uint64_t seed) {
    for (char c : bytes) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    return seed ^ (seed >> 31);
}

}  // namespace

uint64_t affinity(std::string_view key, std::string_view address) {
    return hash(address, hash(key, 0xcbf29ce484222325));
}

std::string_view cookieValue(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        const std::string_view pair = support::nextElement(cookies, ';');
        const size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    }
    return {};
}

uint64_t targetOf(std::string_view cookie, uint64_t count) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(cookie.data(), cookie.data() + cookie.size(), number);
    const bool is_one =
        error == std::errc() && end == cookie.data() + cookie.size() && number >= 1 && number <= count;
    return is_one ? number - 1 : count;
}

}  // namespace turnpike::proxy
