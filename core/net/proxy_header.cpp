#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace turnpike::net {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kText = "PROXY "sv, kBinary = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr size_t kMostText = 107;  // with its CRLF

constexpr ProxyResult kMore{ProxyParse::More, 0, ""};
constexpr ProxyResult bad(const char* reason) { return {ProxyParse::Bad, 0, reason}; }

os::Address ipv4(const void* address, const void* port) {
    os::Address to;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    std::memcpy(&in.sin_addr, address, sizeof in.sin_addr);
    std::memcpy(&in.sin_port, port, sizeof in.sin_port);
    std::memcpy(&to.storage, &in, sizeof in);
    to.size = sizeof in;
    return to;
}

os::Address ipv6(const void* address, const void* port) {
    os::Address to;
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    std::memcpy(&in.sin6_addr, address, sizeof in.sin6_addr);
    std::memcpy(&in.sin6_port, port, sizeof in.sin6_port);
    std::memcpy(&to.storage, &in, sizeof in);
    to.size = sizeof in;
    return to;
}

// --- version 1: a line of text

/// Up to the next space, which must be there unless it is the last one.
bool takeWord(std::string_view& line, bool is_last, std::string_view& word) {
    const size_t space = line.find(' ');
    if ((space == std::string_view::npos) != is_last) return false;
    word = line.substr(0, space);
    line.remove_prefix(is_last ? line.size() : space + 1);
    return !word.empty();
}

/// 0 to 65535 without a leading zero, in network order.
bool readPort(std::string_view word, uint16_t& port) {
    uint16_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || (word.size() > 1 && word[0] == '0'))
        return false;
    port = htons(value);
    return true;
}

bool readAddress(std::string_view word, std::string_view port_word, bool is_v6, os::Address& to) {
    unsigned char address[16];
    uint16_t port = 0;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, std::string(word).c_str(), address) != 1) return false;
    if (!readPort(port_word, port)) return false;
    to = is_v6 ? ipv6(address, &port) : ipv4(address, &port);
    return true;
}

ProxyResult parseLine(std::string_view line, size_t size, ProxyHeader& header) {
    line.remove_prefix(kText.size());
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return {ProxyParse::Complete, size, ""};
    const bool is_v6 = line.starts_with("TCP6 ");
    if (!is_v6 && !line.starts_with("TCP4 ")) return bad("neither TCP4 nor TCP6 nor UNKNOWN");
    line.remove_prefix(5);
    std::string_view words[4];
    for (size_t i = 0; i < 4; ++i)
        if (!takeWord(line, i == 3, words[i])) return bad("not two addresses and two ports");
    if (!readAddress(words[0], words[2], is_v6, header.source) ||
        !readAddress(words[1], words[3], is_v6, header.destination))
        return bad("a bad address or port");
    header.is_local = false;
    return {ProxyParse::Complete, size, ""};
}

ProxyResult parseText(std::string_view bytes, ProxyHeader& header) {
    const size_t feed = bytes.substr(0, kMostText).find('\n');
    if (feed == std::string_view::npos) return bytes.size() < kMostText ? kMore : bad("a line that is too long");
    const std::string_view line = bytes.substr(0, feed);
    if (!line.ends_with('\r')) return bad("a line that does not end in CRLF");
    // inet_pton() would stop at the first of these.
    if (line.substr(0, line.size() - 1).find_first_of("\r\0"sv) != std::string_view::npos)
        return bad("a control byte in the line");
    return parseLine(line.substr(0, line.size() - 1), feed + 1, header);
}

// --- version 2: sixteen bytes, addresses, and what else the proxy has to say

unsigned byteAt(std::string_view bytes, size_t at) { return static_cast<unsigned char>(bytes[at]); }
size_t lengthAt(std::string_view bytes, size_t at) { return byteAt(bytes, at) * 256 + byteAt(bytes, at + 1); }

/// type, two bytes of length, value; read through so that a header is what it says it is.
bool areWhole(std::string_view extras) {
    while (!extras.empty()) {
        if (extras.size() < 3 || extras.size() - 3 < lengthAt(extras, 1)) return false;
        extras.remove_prefix(3 + lengthAt(extras, 1));
    }
    return true;
}

ProxyResult parseBinary(std::string_view bytes, ProxyHeader& header) {
    constexpr size_t kFixed = 16;
    constexpr unsigned kLocal = 0x20, kProxy = 0x21;
    constexpr unsigned kUnspecified = 0x00, kTcp4 = 0x11, kTcp6 = 0x21, kUnixStream = 0x31;
    if (bytes.size() < kFixed) return kMore;
    const unsigned command = byteAt(bytes, 12), family = byteAt(bytes, 13);
    if (command != kLocal && command != kProxy) return bad("an unknown version or command");
    const size_t length = lengthAt(bytes, 14), size = kFixed + length;
    if (size > kMostProxyHeader) return bad("a header of more than 4 KiB");
    size_t addresses = 0;
    if (command == kProxy && family == kTcp4)
        addresses = 12;
    else if (command == kProxy && family == kTcp6)
        addresses = 36;
    else if (command == kProxy && family == kUnixStream)
        addresses = 216;
    else if (command == kProxy && family != kUnspecified)
        return bad("a family that is no stream");
    if (length < addresses) return bad("too short for its addresses");
    if (bytes.size() < size) return kMore;
    const char* at = bytes.data() + kFixed;
    if (addresses > 0 && !areWhole(bytes.substr(kFixed + addresses, length - addresses)))
        return bad("an extension that is cut");
    if (addresses == 12) header = {false, ipv4(at, at + 8), ipv4(at + 4, at + 10)};
    if (addresses == 36) header = {false, ipv6(at, at + 32), ipv6(at + 16, at + 34)};
    return {ProxyParse::Complete, size, ""};
}

}  // namespace

ProxyResult parseProxyHeader(std::string_view bytes, ProxyHeader& header) {
    header = {};
    const auto begins = [&](std::string_view with) {
        const size_t size = std::min(bytes.size(), with.size());
        return bytes.substr(0, size) == with.substr(0, size);
    };
    if (begins(kText)) return bytes.size() < kText.size() ? kMore : parseText(bytes, header);
    if (begins(kBinary)) return bytes.size() < kBinary.size() ? kMore : parseBinary(bytes, header);
    return bad("no PROXY header");
}

}  // namespace turnpike::net
