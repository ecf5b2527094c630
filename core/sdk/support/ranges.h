// ranges.h - byte ranges (RFC 9110 section 14). Pure; any thread; no allocation.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnpike::support {

/// How many ranges of one request are honoured; more of them ask for the whole.
inline constexpr size_t kMaxRanges = 16;

struct ByteRange {
    uint64_t first, last;  // both inside the representation
    uint64_t size() const { return last - first + 1; }
    bool operator==(const ByteRange&) const = default;
};

enum class RangeAnswer : uint8_t {
    Whole,         // 200: not bytes, malformed, too many, or nothing that a part could say
    Partial,       // 206: the ranges below
    Unsatisfiable  // 416
};

struct RangeSet {
    RangeAnswer answer = RangeAnswer::Whole;
    size_t count = 0;
    std::array<ByteRange, kMaxRanges> ranges{};  // disjoint, in the order in which they were asked for
};

/// Reads a Range field for a representation of `size` bytes. Ranges that overlap become one, at the place of the
/// earliest of them, so the parts together never hold more than `size` bytes.
RangeSet parseRanges(std::string_view value, uint64_t size) noexcept;

}  // namespace turnpike::support
