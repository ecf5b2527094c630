#include "server/log_line.h"

namespace turnpike::server {
namespace {

constexpr char kHex[] = "0123456789abcdef";

constexpr bool isPlain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

}  // namespace

LogLine& LogLine::id(uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) *at_++ = kHex[(value >> shift) & 15];
    return *this;
}

LogLine& LogLine::escaped(std::string_view value) {
    for (char c : value.substr(0, kMostOfAField)) {
        if (isPlain(c)) {
            *at_++ = c;
            continue;
        }
        auto b = static_cast<unsigned char>(c);
        for (char e : {'\\', 'x', kHex[b >> 4], kHex[b & 15]}) *at_++ = e;
    }
    return *this;
}

LogLine& LogLine::json(std::string_view value) {
    for (char c : value.substr(0, kMostOfAField)) {
        auto b = static_cast<unsigned char>(c);
        if (isPlain(c)) {
            *at_++ = c;
        } else if (c == '"' || c == '\\') {
            *at_++ = '\\';
            *at_++ = c;
        } else {
            // Bytes past ASCII may be anything; as Latin-1 code points the line is JSON whatever they were.
            for (char e : {'\\', 'u', '0', '0', kHex[b >> 4], kHex[b & 15]}) *at_++ = e;
        }
    }
    return *this;
}

}  // namespace turnpike::server
