#include "cookies.h"

#include <algorithm>

#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
    const size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
    return name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

bool anyMatches(const std::vector<std::string>& patterns, std::string_view name) {
    return std::ranges::any_of(patterns, [name](const std::string& pattern) { return matches(pattern, name); });
}

}  // namespace

bool Cookies::isPersonal(std::string_view name) const {
    return anyMatches(personal_, name) || !anyMatches(harmless_, name);
}

bool Cookies::arePersonal(const tp_request_view& view) const {
    if ((view.present & TP_HAS_COOKIE) == 0) return false;
    for (uint32_t i = 0; i < view.field_count; ++i) {
        if (text(view.fields[i].name) != "cookie") continue;
        for (std::string_view rest = text(view.fields[i].value); !rest.empty();) {
            const std::string_view cookie = support::nextElement(rest, ';');
            if (cookie.empty()) continue;
            const size_t equals = cookie.find('=');
            const bool has_name = equals != std::string_view::npos && equals > 0;
            if (isPersonal(has_name ? support::trim(cookie.substr(0, equals)) : std::string_view())) return true;
        }
    }
    return false;
}

}  // namespace turnpike::cache
