#include "types.h"

#include <algorithm>

#include "sdk/support/lists.h"

namespace turnpike::compress {
namespace {

bool isOfAType(char c) {
    return c > ' ' && c <= '~' && std::string_view("\"(),;:<=>?@[\\]{}").find(c) == std::string_view::npos;
}

}  // namespace

bool Types::add(std::string_view pattern) {
    const size_t slash = pattern.find('/'), star = pattern.find('*');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == pattern.size()) return false;
    if (!std::ranges::all_of(pattern, isOfAType) || std::ranges::count(pattern, '/') > 1) return false;
    if (std::ranges::count(pattern, '*') > 1) return false;
    const std::string text = support::lowered(pattern);
    const bool is_open = star != std::string_view::npos;
    patterns_.push_back({text.substr(0, star), is_open ? text.substr(star + 1) : "", is_open});
    return true;
}

bool Types::has(std::string_view content_type) const {
    const std::string_view type = support::nextElement(content_type, ';');
    return std::ranges::any_of(patterns_, [type](const Pattern& p) {
        if (!p.is_open) return support::equalsLower(type, p.before);
        return type.size() > p.before.size() + p.after.size() &&
               support::equalsLower(type.substr(0, p.before.size()), p.before) &&
               support::equalsLower(type.substr(type.size() - p.after.size()), p.after);
    });
}

}  // namespace turnpike::compress
