#include "sdk/http/syntax.h"

#include <algorithm>
#include <cstring>

namespace turnpike::http {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

/// True when one of the eight bytes may be a control byte; HTAB counts as one here.
bool hasControl(const char* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    const uint64_t below_space = (word - kOnes * 0x20) & ~word;
    const uint64_t deleted = word ^ (kOnes * 0x7f);
    return ((below_space | ((deleted - kOnes) & ~deleted)) & kHighs) != 0;
}

bool allFieldBytes(const char* bytes, size_t size) {
    return std::all_of(bytes, bytes + size, [](char c) { return isFieldByte(c); });
}

}  // namespace

bool isToken(std::string_view text) {
    for (const char c : text)
        if (!isTokenByte(c)) return false;
    return !text.empty();
}

bool isFieldText(std::string_view text) {
    const char* bytes = text.data();
    const size_t size = text.size();
    if (size < 8) return allFieldBytes(bytes, size);
    for (size_t at = 0; at + 8 <= size; at += 8) {
        if (hasControl(bytes + at) && !allFieldBytes(bytes + at, 8)) return false;
    }
    // The last eight, of which some were looked at already.
    return !hasControl(bytes + size - 8) || allFieldBytes(bytes + size - 8, 8);
}

std::string_view trimBlanks(std::string_view text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
    return text;
}

bool equalsLower(std::string_view text, std::string_view lower) {
    return text.size() == lower.size() &&
           std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return toLower(a) == b; });
}

bool ListReader::next(std::string_view& member) {
    if (done_) return false;
    const size_t comma = rest_.find(',');
    done_ = comma == std::string_view::npos;
    member = trimBlanks(rest_.substr(0, comma));
    if (!done_) rest_.remove_prefix(comma + 1);
    return true;
}

}  // namespace turnpike::http
