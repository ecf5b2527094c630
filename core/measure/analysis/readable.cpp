#include "measure/analysis/readable.h"

#include <cstdint>

namespace turnpike::measure {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// How many bytes the character at the front takes; 0 when it is no UTF-8, or none that XML can hold.
size_t characterSize(std::string_view text) {
    auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
    const uint8_t first = byte(0);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' ? 1 : 0;
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return 0;
    uint32_t code = first & (0x7Fu >> size);
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        code = code << 6 | (byte(i) & 0x3Fu);
    }
    static constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter forms are not allowed
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    const bool is_taken = code >= kLeast[size] && code <= 0x10FFFF && code != 0xFFFE && code != 0xFFFF;
    return is_taken && !is_surrogate ? size : 0;
}

}  // namespace

std::string readable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const size_t size = characterSize(text);
        out += size == 0 ? kReplacement : text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return out;
}

}  // namespace turnpike::measure
