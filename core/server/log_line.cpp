#include "server/log_line.h"

#include <array>

namespace turnpike::server {
namespace {

constexpr char kHex[] = "0123456789abcdef";

constexpr bool isPlain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

/// Both digits of each byte: an id is on every line.
constexpr auto kPairs = [] {
    std::array<char, 512> pairs{};
    for (size_t i = 0; i < 256; ++i) {
        pairs[2 * i] = kHex[i >> 4];
        pairs[2 * i + 1] = kHex[i & 15];
    }
    return pairs;
}();

}  // namespace

LogLine& LogLine::id(uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8, at_ += 2)
        std::memcpy(at_, &kPairs[2 * ((value >> shift) & 255)], 2);
    return *this;
}

// The loops keep the place in a local: a store through a char pointer may change any member, as far as the
// compiler knows.
LogLine& LogLine::escaped(std::string_view value) {
    char* at = at_;
    for (char c : value.substr(0, kMostOfAField)) {
        if (isPlain(c)) {
            *at++ = c;
            continue;
        }
        auto b = static_cast<unsigned char>(c);
        for (char e : {'\\', 'x', kHex[b >> 4], kHex[b & 15]}) *at++ = e;
    }
    at_ = at;
    return *this;
}

LogLine& LogLine::json(std::string_view value) {
    char* at = at_;
    for (char c : value.substr(0, kMostOfAField)) {
        auto b = static_cast<unsigned char>(c);
        if (isPlain(c)) {
            *at++ = c;
        } else if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = c;
        } else {
            // Bytes past ASCII may be anything; as Latin-1 code points the line is JSON whatever they were.
            for (char e : {'\\', 'u', '0', '0', kHex[b >> 4], kHex[b & 15]}) *at++ = e;
        }
    }
    at_ = at;
    return *this;
}

}  // namespace turnpike::server
