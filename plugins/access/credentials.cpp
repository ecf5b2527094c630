#include "credentials.h"

#include <algorithm>
#include <cstdint>

#include "password.h"
#include "sdk/support/lists.h"

namespace turnpike::access {
namespace {

int valueOf(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// RFC 4648 section 4, padded.
std::optional<std::string> decodeBase64(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    std::string bytes;
    uint32_t bits = 0;
    unsigned count = 0;
    for (char c : text) {
        const int value = valueOf(c);
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xff);
    }
    return bytes;
}

}  // namespace

std::optional<Credentials> parseBasic(std::string_view value) {
    const size_t space = value.find(' ');
    if (space == std::string_view::npos || !support::equalsLower(value.substr(0, space), "basic"))
        return std::nullopt;
    auto pair = decodeBase64(support::trim(value.substr(space)));
    if (!pair) return std::nullopt;
    const size_t colon = pair->find(':');
    if (colon == std::string::npos || pair->size() - colon - 1 > kLongestPassword) return std::nullopt;
    // RFC 7617 section 2: none in either. A NUL would end the password early.
    if (std::ranges::any_of(*pair, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }))
        return std::nullopt;
    return Credentials{std::move(*pair), colon};
}

}  // namespace turnpike::access
