#include "directives.h"

#include <algorithm>
#include <charconv>

#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

struct Flag {
    std::string_view name;
    bool Directives::*member;
};
constexpr Flag kFlags[] = {{"no-cache", &Directives::no_cache},
                           {"no-store", &Directives::no_store},
                           {"private", &Directives::is_private},
                           {"public", &Directives::is_public},
                           {"must-revalidate", &Directives::must_revalidate},
                           {"proxy-revalidate", &Directives::proxy_revalidate},
                           {"only-if-cached", &Directives::only_if_cached}};

/// `strictest`: what a malformed number counts as.
struct Number {
    std::string_view name;
    std::optional<int64_t> Directives::*member;
    int64_t strictest;
};
constexpr Number kNumbers[] = {{"max-age", &Directives::max_age, 0},
                               {"s-maxage", &Directives::s_maxage, 0},
                               {"min-fresh", &Directives::min_fresh, kMostSeconds},
                               {"max-stale", &Directives::max_stale, 0},
                               {"stale-while-revalidate", &Directives::stale_while_revalidate, 0},
                               {"stale-if-error", &Directives::stale_if_error, 0}};

/// Up to the next comma outside of quotes.
std::string_view takeElement(std::string_view& rest) {
    bool is_quoted = false;
    size_t end = 0;
    for (; end < rest.size() && (is_quoted || rest[end] != ','); ++end) {
        if (rest[end] == '"') is_quoted = !is_quoted;
        if (rest[end] == '\\' && is_quoted) ++end;
    }
    end = std::min(end, rest.size());
    const std::string_view element = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return support::trim(element);
}

/// delta-seconds (RFC 9111 section 1.2.2), also as a quoted string.
std::optional<int64_t> seconds(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return {};
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::min(value, kMostSeconds) : kMostSeconds;
}

void take(Directives& to, const Number& number, std::string_view value, bool has_value) {
    const bool is_open = !has_value && number.name == "max-stale";
    const int64_t given = is_open ? kMostSeconds : seconds(value).value_or(number.strictest);
    std::optional<int64_t>& kept = to.*number.member;
    if (!kept)
        kept = given;
    else
        kept = number.strictest == 0 ? std::min(*kept, given) : std::max(*kept, given);
}

}  // namespace

void Directives::add(std::string_view value) {
    while (!value.empty()) {
        const std::string_view element = takeElement(value);
        const size_t equals = element.find('=');
        const std::string_view name = support::trim(element.substr(0, equals));
        const bool has_value = equals != std::string_view::npos;
        for (const Flag& flag : kFlags)
            if (support::equalsLower(name, flag.name)) this->*flag.member = true;
        for (const Number& number : kNumbers)
            if (support::equalsLower(name, number.name))
                take(*this, number, has_value ? support::trim(element.substr(equals + 1)) : "", has_value);
    }
}

}  // namespace turnpike::cache
