// The PROXY protocol's header: what is taken, what is refused, and the same result at every split.
#include "net/proxy_header.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace turnpike::net {
namespace {

using namespace std::string_literals;

struct Outcome {
    ProxyParse state = ProxyParse::More;
    size_t size = 0;
    std::string reason, source, destination;
    bool operator==(const Outcome&) const = default;
};

Outcome parse(const std::string& bytes, size_t size) {
    // Exactly as large as what is there, so that a sanitizer sees a read past it.
    auto memory = std::make_unique<char[]>(size);
    bytes.copy(memory.get(), size);
    ProxyHeader header;
    const ProxyResult result = parseProxyHeader({memory.get(), size}, header);
    Outcome outcome{result.state, result.size, result.reason, "", ""};
    if (result.state == ProxyParse::Complete && !header.is_local)
        outcome.source = header.source.text(), outcome.destination = header.destination.text();
    return outcome;
}
Outcome parse(const std::string& bytes) { return parse(bytes, bytes.size()); }

std::string binary(unsigned command, unsigned family, const std::string& rest, size_t length) {
    return "\r\n\r\n\0\r\nQUIT\n"s + static_cast<char>(command) + static_cast<char>(family) +
           static_cast<char>(length >> 8) + static_cast<char>(length & 255) + rest;
}
std::string binary(unsigned command, unsigned family, const std::string& rest) {
    return binary(command, family, rest, rest.size());
}
const std::string kAddresses4 = "\xc0\x00\x02\x01\x7f\x00\x00\x01\x12\x67\x00\x50"s;
const std::string kAddresses6 =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"s + std::string(15, '\0') + "\x01\x12\x67\x01\xbb"s;

struct Good {
    std::string header;
    const char *source, *destination;
};
std::vector<Good> goodOnes() {
    return {
        {"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n", "192.0.2.1:4711", "127.0.0.1:80"},
        {"PROXY TCP6 2001:db8::1 ::1 4711 443\r\n", "[2001:db8::1]:4711", "[::1]:443"},
        {"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", "0.0.0.0:0", "255.255.255.255:65535"},
        {"PROXY UNKNOWN\r\n", "", ""},
        {"PROXY UNKNOWN ffff:: whatever 1 2\r\n", "", ""},
        {binary(0x21, 0x11, kAddresses4), "192.0.2.1:4711", "127.0.0.1:80"},
        {binary(0x21, 0x21, kAddresses6), "[2001:db8::1]:4711", "[::1]:443"},
        {binary(0x21, 0x11,
                kAddresses4 + "\x03\x00\x04"
                              "abcd\x04\x00\x00"s),
         "192.0.2.1:4711", "127.0.0.1:80"},
        {binary(0x20, 0x00, ""), "", ""},
        {binary(0x20, 0x11, kAddresses4), "", ""},
        {binary(0x21, 0x00, "anything"), "", ""},
        {binary(0x21, 0x31, std::string(216, 's')), "", ""},
    };
}

TEST(ProxyHeader, IsTaken) {
    for (const Good& good : goodOnes()) {
        const Outcome outcome = parse(good.header + "GET / HTTP/1.1\r\n");
        EXPECT_EQ(outcome.state, ProxyParse::Complete) << good.header << outcome.reason;
        EXPECT_EQ(outcome.size, good.header.size()) << good.header;
        EXPECT_EQ(outcome.source, good.source) << good.header;
        EXPECT_EQ(outcome.destination, good.destination) << good.header;
    }
}

TEST(ProxyHeader, IsWaitedForUntilItIsWhole) {
    for (const Good& good : goodOnes())
        for (size_t size = 0; size < good.header.size(); ++size)
            EXPECT_EQ(parse(good.header, size).state, ProxyParse::More) << good.header << " cut at " << size;
}

TEST(ProxyHeader, IsRefused) {
    const std::pair<std::string, const char*> bad[] = {
        {"GET / HTTP/1.1\r\n", "no PROXY header"},
        {"proxy TCP4 192.0.2.1 127.0.0.1 1 2\r\n", "no PROXY header"},
        {"\x16\x03\x01", "no PROXY header"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\n", "a line that does not end in CRLF"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\r\n", "a control byte in the line"},
        {"PROXY TCP4 192.0.2.1\0 127.0.0.1 1 2\r\n"s, "a control byte in the line"},
        {"PROXY UDP4 192.0.2.1 127.0.0.1 1 2\r\n", "neither TCP4 nor TCP6 nor UNKNOWN"},
        {"PROXY UNKNOWNX\r\n", "neither TCP4 nor TCP6 nor UNKNOWN"},
        {"PROXY TCP4\r\n", "neither TCP4 nor TCP6 nor UNKNOWN"},
        {"PROXY  TCP4 192.0.2.1 127.0.0.1 1 2\r\n", "neither TCP4 nor TCP6 nor UNKNOWN"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 1\r\n", "not two addresses and two ports"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 1 2 3\r\n", "not two addresses and two ports"},
        {"PROXY TCP4 192.0.2.1  127.0.0.1 1 2\r\n", "not two addresses and two ports"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 1 \r\n", "not two addresses and two ports"},
        {"PROXY TCP4 192.0.2.256 127.0.0.1 1 2\r\n", "a bad address or port"},
        {"PROXY TCP4 192.0.2 127.0.0.1 1 2\r\n", "a bad address or port"},
        {"PROXY TCP4 ::1 ::1 1 2\r\n", "a bad address or port"},
        {"PROXY TCP6 192.0.2.1 127.0.0.1 1 2\r\n", "a bad address or port"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 65536 2\r\n", "a bad address or port"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 01 2\r\n", "a bad address or port"},
        {"PROXY TCP4 192.0.2.1 127.0.0.1 -1 2\r\n", "a bad address or port"},
        {"PROXY TCP4 " + std::string(200, '1'), "a line that is too long"},
        {binary(0x22, 0x11, kAddresses4), "an unknown version or command"},
        {binary(0x11, 0x11, kAddresses4), "an unknown version or command"},
        {binary(0x21, 0x12, kAddresses4), "a family that is no stream"},
        {binary(0x21, 0x41, kAddresses4), "a family that is no stream"},
        {binary(0x21, 0x11, kAddresses4.substr(1)), "too short for its addresses"},
        {binary(0x21, 0x21, kAddresses4), "too short for its addresses"},
        {binary(0x21, 0x11, "", 5000), "a header of more than 4 KiB"},
        {binary(0x21, 0x11,
                kAddresses4 + "\x03\x00\x05"
                              "abcd"s),
         "an extension that is cut"},
        {binary(0x21, 0x11, kAddresses4 + "\x03"s), "an extension that is cut"},
    };
    for (const auto& [header, why] : bad) {
        const Outcome whole = parse(header);
        EXPECT_EQ(whole.state, ProxyParse::Bad) << header;
        EXPECT_EQ(whole.reason, why) << header;
        // What is bad is bad as soon as it is seen, or at the end; and for the same reason.
        for (size_t size = 0; size < header.size(); ++size) {
            const Outcome cut = parse(header, size);
            EXPECT_NE(cut.state, ProxyParse::Complete) << header << " cut at " << size;
            if (cut.state == ProxyParse::Bad) {
                EXPECT_EQ(cut.reason, whole.reason) << header << " cut at " << size;
            }
        }
    }
}

}  // namespace
}  // namespace turnpike::net
