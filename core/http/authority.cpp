#include "http/authority.h"

#include <arpa/inet.h>

#include <cstring>

#include "http/syntax.h"

namespace turnpike::http {
namespace {

constexpr size_t kMaxHost = 255;  // of a DNS name in wire form

bool isNameByte(char c) { return isDigit(c) || isAlpha(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

/// The length of the name at the start of `text`, 0 when it is not one. A single dot at the end is allowed.
size_t takeName(char* text, size_t size) {
    size_t used = 0;
    char before = '.';
    for (; used < size && isNameByte(text[used]); ++used) {
        if (text[used] == '.' && before == '.') return 0;
        before = text[used] = toLower(text[used]);
    }
    return used;
}

/// The same for "[" IPv6address "]".
size_t takeAddress(char* text, size_t size) {
    const char* close = static_cast<const char*>(std::memchr(text, ']', size));
    char address[INET6_ADDRSTRLEN];
    in6_addr binary;
    if (close == nullptr) return 0;
    const size_t length = static_cast<size_t>(close - text) - 1;
    if (length >= sizeof address) return 0;
    for (size_t i = 0; i < length; ++i) address[i] = text[i + 1] = toLower(text[i + 1]);
    address[length] = '\0';
    // A NUL would end the address early for inet_pton().
    if (std::memchr(address, '\0', length) != nullptr || inet_pton(AF_INET6, address, &binary) != 1) return 0;
    return length + 2;
}

/// Reads *DIGIT: an empty port is no port.
bool readPort(std::string_view digits, int32_t& port) {
    int32_t value = 0;
    for (char c : digits) {
        if (!isDigit(c)) return false;
        value = value * 10 + (c - '0');
        if (value > 65535) return false;
    }
    port = digits.empty() ? -1 : value;
    return true;
}

}  // namespace

bool parseAuthority(char* text, size_t size, Authority& authority) {
    if (size == 0) return false;
    const size_t host = text[0] == '[' ? takeAddress(text, size) : takeName(text, size);
    if (host == 0 || host > kMaxHost) return false;
    authority.host = {text, host};
    authority.port = -1;
    if (host == size) return true;
    return text[host] == ':' && readPort({text + host + 1, size - host - 1}, authority.port);
}

}  // namespace turnpike::http
