#include <array>
#include <cstring>

#include "http/request_head.h"
#include "http/syntax.h"

namespace turnpike::http {
namespace {

enum Kind : uint8_t { kPlain, kForbidden, kEscape, kSlash, kHigh };

constexpr std::array<uint8_t, 256> makeKinds() {
    std::array<uint8_t, 256> kinds{};
    for (size_t c = 0; c < 256; ++c) kinds[c] = c < 0x20 ? kForbidden : c < 0x80 ? kPlain : kHigh;
    kinds[0x7f] = kinds[static_cast<uint8_t>('\\')] = kForbidden;
    kinds[static_cast<uint8_t>('%')] = kEscape;
    kinds[static_cast<uint8_t>('/')] = kSlash;
    return kinds;
}
constexpr std::array<uint8_t, 256> kKinds = makeKinds();

uint8_t kindOf(char c) { return kKinds[static_cast<uint8_t>(c)]; }

struct Decoded {
    bool valid = true;
    bool has_high = false;      // bytes past ASCII
    bool has_segments = false;  // "//" or "/.": something to remove
    size_t size = 0;
};

/// The byte that the escape at the start of `text` stands for; -1 for a malformed one and for those that would be
/// taken for structure or a control byte once decoded.
int decodeEscape(std::string_view text) {
    if (text.size() < 3) return -1;
    const int high = hexValue(text[1]), low = hexValue(text[2]);
    if (high < 0 || low < 0) return -1;
    const int byte = high * 16 + low;
    const uint8_t kind = kKinds[static_cast<size_t>(byte)];
    return kind == kForbidden || kind == kSlash ? -1 : byte;
}

Decoded decode(std::string_view raw, char* to) {
    Decoded result;
    char before = '\0';
    for (size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        const uint8_t kind = kindOf(c);
        if (kind == kForbidden) return {false};
        if (kind == kEscape) {
            const int byte = decodeEscape(raw.substr(i));
            if (byte < 0) return {false};
            c = static_cast<char>(byte);
            i += 2;
        }
        result.has_high |= kindOf(c) == kHigh;
        result.has_segments |= before == '/' && (c == '/' || c == '.');
        before = to[result.size++] = c;
    }
    return result;
}

/// The length of the UTF-8 sequence at the start of `text`, 0 when it is none (RFC 3629 section 4: no overlong
/// forms, no surrogates, nothing past U+10FFFF).
size_t sequenceLength(std::string_view text) {
    const auto at = [text](size_t i) -> unsigned { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0; };
    const auto follows = [&](size_t i) { return (at(i) & 0xc0) == 0x80; };
    const unsigned first = at(0), second = at(1);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4 || !follows(1)) return 0;
    if (first < 0xe0) return 2;
    if (first < 0xf0) {
        const bool overlong = first == 0xe0 && second < 0xa0, surrogate = first == 0xed && second > 0x9f;
        return overlong || surrogate || !follows(2) ? 0 : 3;
    }
    const bool overlong = first == 0xf0 && second < 0x90, beyond = first == 0xf4 && second > 0x8f;
    return overlong || beyond || !follows(2) || !follows(3) ? 0 : 4;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const size_t length = sequenceLength(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Removes empty segments, "." and ".." in place (RFC 3986 section 5.2.4). The new size, 0 when ".." leaves the
/// root.
size_t removeSegments(char* path, size_t size) {
    size_t out = 1;  // always behind a '/'
    for (size_t in = 1; in < size;) {
        const auto* slash = static_cast<const char*>(std::memchr(path + in, '/', size - in));
        const size_t end = slash != nullptr ? static_cast<size_t>(slash - path) : size;
        const std::string_view segment(path + in, end - in);
        if (segment == "..") {
            if (out == 1) return 0;
            for (--out; path[out - 1] != '/'; --out) continue;
        } else if (!segment.empty() && segment != ".") {
            std::memmove(path + out, path + in, segment.size());
            out += segment.size();
            if (slash != nullptr) path[out++] = '/';
        }
        in = end + 1;
    }
    return out;
}

}  // namespace

PathResult normalisePath(std::string_view raw, char* to) {
    if (raw.empty() || raw.front() != '/') return {400, 0};
    const Decoded decoded = decode(raw, to);
    if (!decoded.valid || (decoded.has_high && !isUtf8({to, decoded.size}))) return {400, 0};
    const size_t size = decoded.has_segments ? removeSegments(to, decoded.size) : decoded.size;
    return size == 0 ? PathResult{400, 0} : PathResult{0, size};
}

}  // namespace turnpike::http
