#include "config/units.h"

#include <charconv>
#include <span>
#include <vector>

#include "config/suggest.h"

namespace turnpike::config {
namespace {

struct Unit {
    std::string_view name;
    int64_t factor;
};

// From the largest to the smallest.
constexpr Unit kDurations[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit kSizes[] = {{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}};

struct Kind {
    std::span<const Unit> units;
    const char* examples;
    bool plain_number;  // whether a number without a unit is clear enough
};
constexpr Kind kDuration{kDurations, "\"500ms\", \"10s\", \"5m\" or \"2h\"", false};
constexpr Kind kSize{kSizes, "\"512B\", \"64KiB\", \"16MiB\" or \"1GiB\"", true};

Error refuse(std::string_view text, const std::string& why) { return Error{EINVAL, quoted(text) + " " + why}; }

/// "KB" and "Mb" are common and mean 1000 to some and 1024 to others: never guessed.
Error unknownUnit(std::string_view text, std::string_view unit, const Kind& kind) {
    for (const Unit& u : kind.units)
        if (u.name.size() == 3 && unit.size() <= 3 && (unit.front() | 0x20) == (u.name.front() | 0x20))
            return refuse(text,
                          "has the unknown unit " + quoted(unit) + " - did you mean " + quoted(u.name) + "?");
    return refuse(text, "has the unknown unit " + quoted(unit) + ": write " + kind.examples);
}

Result<int64_t> parse(std::string_view text, const Kind& kind) {
    int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return refuse(text, "is too large");
    if (error != std::errc() || number < 0 || text.front() == '-')
        return refuse(text, std::string("is not a number with a unit: write ") + kind.examples);
    std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
    if (unit.empty() && (kind.plain_number || number == 0)) return number;
    if (unit.empty()) return refuse(text, std::string("has no unit: write ") + kind.examples);
    for (const Unit& u : kind.units) {
        if (unit != u.name) continue;
        int64_t result = 0;
        if (__builtin_mul_overflow(number, u.factor, &result)) return refuse(text, "is too large");
        return result;
    }
    if (unit.front() == '.') return refuse(text, std::string("has a fraction: write it in a smaller unit"));
    return unknownUnit(text, unit, kind);
}

std::string format(int64_t value, std::span<const Unit> units) {
    if (value == 0) return "0";
    for (const Unit& u : units)
        if (value % u.factor == 0) return std::to_string(value / u.factor) + std::string(u.name);
    return std::to_string(value);
}

}  // namespace

Result<int64_t> parseDuration(std::string_view text) { return parse(text, kDuration); }
Result<int64_t> parseSize(std::string_view text) { return parse(text, kSize); }
std::string durationText(int64_t milliseconds) { return format(milliseconds, kDurations); }
std::string sizeText(int64_t bytes) { return format(bytes, kSizes); }

}  // namespace turnpike::config
