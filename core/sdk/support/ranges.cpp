#include "sdk/support/ranges.h"

#include <algorithm>
#include <optional>

#include "sdk/support/lists.h"

namespace turnpike::support {
namespace {

// 1*DIGIT; a number beyond 64 bits is as good as the largest one, since no representation is that long.
std::optional<uint64_t> parseNumber(std::string_view digits) {
    if (digits.empty()) return {};
    uint64_t value = 0;
    bool too_large = false;
    for (char c : digits) {
        if (c < '0' || c > '9') return {};
        const auto digit = static_cast<uint64_t>(c - '0');
        too_large = too_large || value > (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    return too_large ? UINT64_MAX : value;
}

enum class Spec : uint8_t { Malformed, Unsatisfiable, Satisfiable };

// suffix-range: the last `text` bytes.
Spec parseSuffix(std::string_view text, uint64_t size, ByteRange& range) {
    const auto length = parseNumber(text);
    if (!length) return Spec::Malformed;
    if (*length == 0) return Spec::Unsatisfiable;
    range = {size - std::min(*length, size), size - 1};
    return Spec::Satisfiable;
}

Spec parseSpec(std::string_view text, uint64_t size, ByteRange& range) {
    const size_t dash = text.find('-');
    if (dash == std::string_view::npos) return Spec::Malformed;
    if (dash == 0) return parseSuffix(text.substr(1), size, range);
    const auto first = parseNumber(text.substr(0, dash));
    const std::string_view last_text = text.substr(dash + 1);
    const auto last = last_text.empty() ? std::optional<uint64_t>(UINT64_MAX) : parseNumber(last_text);
    if (!first || !last || *first > *last) return Spec::Malformed;
    if (*first >= size) return Spec::Unsatisfiable;
    range = {*first, std::min(*last, size - 1)};
    return Spec::Satisfiable;
}

void removeAt(RangeSet& set, size_t index) {
    std::move(set.ranges.begin() + static_cast<ptrdiff_t>(index) + 1,
              set.ranges.begin() + static_cast<ptrdiff_t>(set.count),
              set.ranges.begin() + static_cast<ptrdiff_t>(index));
    --set.count;
}

// Everything in the set is disjoint before and after.
void insertMerged(RangeSet& set, ByteRange range) {
    size_t place = set.count;
    for (size_t i = set.count; i-- > 0;) {
        const ByteRange& other = set.ranges[i];
        if (other.first > range.last || range.first > other.last) continue;
        range = {std::min(range.first, other.first), std::max(range.last, other.last)};
        removeAt(set, i);
        place = std::min(place, i);
        i = set.count;  // the larger range may now touch one that was passed over
    }
    std::move_backward(set.ranges.begin() + static_cast<ptrdiff_t>(place),
                       set.ranges.begin() + static_cast<ptrdiff_t>(set.count),
                       set.ranges.begin() + static_cast<ptrdiff_t>(set.count) + 1);
    set.ranges[place] = range;
    ++set.count;
}

}  // namespace

RangeSet parseRanges(std::string_view value, uint64_t size) noexcept {
    const RangeSet whole;
    const size_t equals = value.find('=');
    if (equals == std::string_view::npos || !equalsLower(value.substr(0, equals), "bytes")) return whole;
    value.remove_prefix(equals + 1);
    RangeSet set;
    size_t specs = 0;
    while (!value.empty()) {
        const std::string_view element = nextElement(value);
        if (element.empty()) continue;
        ByteRange range{};
        const Spec spec = parseSpec(element, size, range);
        if (spec == Spec::Malformed || ++specs > kMaxRanges) return whole;
        // No Content-Range can describe a part of nothing, though a suffix of it is satisfiable.
        if (spec == Spec::Satisfiable && size == 0) return whole;
        if (spec == Spec::Satisfiable) insertMerged(set, range);
    }
    if (specs == 0) return whole;
    set.answer = set.count > 0 ? RangeAnswer::Partial : RangeAnswer::Unsatisfiable;
    return set;
}

}  // namespace turnpike::support
