#include "freshness.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sdk/support/http_date.h"
#include "sdk/support/lists.h"

namespace turnpike::cache {
namespace {

using Fields = std::span<const tp_field>;

// A cache that knows what they mean may keep them (section 3). 206 is a part, 304 no answer of its own.
constexpr unsigned kStatuses[] = {200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501};
// Those that may live without being told for how long (RFC 9110 section 15.1), less the errors: a page that was
// missing a moment ago may have been written since.
constexpr unsigned kHeuristic[] = {200, 203, 204, 300, 301, 308};

bool isOneOf(std::span<const unsigned> all, unsigned status) { return std::ranges::count(all, status) > 0; }

bool has(Fields fields, std::string_view name) {
    return std::ranges::any_of(fields,
                               [&](const tp_field& f) { return support::equalsLower(text(f.name), name); });
}

std::optional<std::string_view> find(Fields fields, std::string_view name) {
    for (const tp_field& f : fields)
        if (support::equalsLower(text(f.name), name)) return support::trim(text(f.value));
    return {};
}

std::optional<int64_t> date(Fields fields, std::string_view name, int64_t now_s) {
    const auto value = find(fields, name);
    return value ? support::parseHttpDate(*value, now_s) : std::nullopt;
}

Directives directivesOf(Fields fields) {
    Directives directives;
    for (const tp_field& f : fields)
        if (support::equalsLower(text(f.name), "cache-control")) directives.add(text(f.value));
    return directives;
}

bool variesByEverything(Fields fields) {
    for (const tp_field& f : fields) {
        if (!support::equalsLower(text(f.name), "vary")) continue;
        for (std::string_view rest = text(f.value); !rest.empty();)
            if (support::nextElement(rest) == "*") return true;
    }
    return false;
}

/// Section 4.2.1; nothing: the answer does not say.
std::optional<int64_t> explicitLifetime(const Directives& said, Fields fields, int64_t unix_ms) {
    if (said.s_maxage) return *said.s_maxage * 1000;
    if (said.max_age) return *said.max_age * 1000;
    if (!has(fields, "expires")) return {};
    const int64_t now_s = unix_ms / 1000;
    const int64_t sent_s = date(fields, "date", now_s).value_or(now_s);
    const auto expires_s = date(fields, "expires", now_s);
    if (!expires_s) return 0;  // "0" and the like: it has expired (section 5.3)
    return std::clamp(*expires_s - sent_s, int64_t{0}, kMostSeconds) * 1000;
}

/// Section 4.2.3: by the Age of a cache before this one, and by the Date.
int64_t ageOf(Fields fields, int64_t unix_ms) {
    int64_t age_s = 0;
    if (const auto value = find(fields, "age")) {
        std::string_view list = *value;
        const std::string_view first = support::nextElement(list);  // of several caches' (section 5.1)
        const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), age_s);
        const bool is_whole = end == first.data() + first.size();
        if (error == std::errc::result_out_of_range && is_whole)
            age_s = kMostSeconds;
        else if (error != std::errc() || !is_whole)
            age_s = 0;
    }
    const auto sent_s = date(fields, "date", unix_ms / 1000);
    const int64_t apparent_s = sent_s ? unix_ms / 1000 - *sent_s : 0;
    return std::clamp(std::max(age_s, apparent_s), int64_t{0}, kMostSeconds) * 1000;
}

Stored refusal(unsigned status, Fields fields, const Directives& said, bool authorized) {
    const auto forOne = [](const char* why) { return Stored{why, true, {}}; };
    const auto forAll = [](const char* why) { return Stored{why, false, {}}; };
    if (!isOneOf(kStatuses, status)) return forOne("status");
    if (said.no_store) return forAll("no-store");
    if (said.is_private) return forAll("private");
    if (said.no_cache) return forAll("no-cache");
    if (has(fields, "set-cookie")) return forOne("set-cookie");
    if (variesByEverything(fields)) return forAll("vary");
    if (has(fields, "content-range")) return forOne("content-range");
    const bool is_for_authorized = said.is_public || said.s_maxage || said.must_revalidate;
    return authorized && !is_for_authorized ? forOne("authorization") : Stored{};
}

void allowStale(Terms& terms, const Directives& said, const Defaults& defaults) {
    if (said.must_revalidate || said.proxy_revalidate) return;
    const auto ms = [](const std::optional<int64_t>& s, int64_t otherwise) { return s ? *s * 1000 : otherwise; };
    // s-maxage forbids stale answers (section 5.2.2.10), unless the same answer names its own exception.
    const bool is_silent = !said.s_maxage;
    terms.may_be_stale = is_silent ? 1 : 0;
    terms.while_revalidate_ms = ms(said.stale_while_revalidate, is_silent ? defaults.while_revalidate_ms : 0);
    terms.if_error_ms = ms(said.stale_if_error, is_silent ? defaults.if_error_ms : 0);
}

}  // namespace

Stored mayStore(unsigned status, Fields fields, bool authorized, const Defaults& defaults, Moment asked) {
    const Directives said = directivesOf(fields);
    if (const Stored refused = refusal(status, fields, said, authorized); refused.refused != nullptr)
        return refused;
    Terms terms;
    const auto lifetime = explicitLifetime(said, fields, asked.unix_ms);
    const bool by_default = !lifetime && defaults.lifetime_ms > 0 && isOneOf(kHeuristic, status);
    if (!lifetime && !by_default) return {"no lifetime", false, {}};
    terms.since_ns = asked.request_ns;
    terms.age_ms = ageOf(fields, asked.unix_ms);
    terms.lifetime_ms = lifetime.value_or(defaults.lifetime_ms);
    allowStale(terms, said, defaults);
    if (terms.lifetime_ms <= terms.age_ms && terms.while_revalidate_ms == 0 && terms.if_error_ms == 0)
        return {"stale", false, {}};
    terms.modified_s = date(fields, "last-modified", asked.unix_ms / 1000).value_or(asked.unix_ms / 1000);
    terms.status = status;
    terms.for_authorized = said.is_public || said.s_maxage || said.must_revalidate ? 1 : 0;
    return {nullptr, false, terms};
}

Use mayUse(const Terms& terms, const Directives& asked, uint64_t now_ns) {
    const int64_t age = terms.ageAt(now_ns), left = terms.lifetime_ms - age;
    const bool is_too_old = asked.max_age && age > *asked.max_age * 1000;
    if (!asked.no_cache && !is_too_old) {
        if (left > 0 && left >= asked.min_fresh.value_or(0) * 1000) return Use::Fresh;
        if (left <= 0 && !asked.min_fresh) {
            if (terms.may_be_stale != 0 && asked.max_stale && -left <= *asked.max_stale * 1000) return Use::Stale;
            if (-left < terms.while_revalidate_ms) return Use::Revalidate;
        }
    }
    return left > 0 || -left < terms.if_error_ms ? Use::OnError : Use::No;
}

Directives askedFor(const tp_request_view& view) {
    Directives asked;
    bool is_said = false, by_pragma = false;
    for (uint32_t i = 0; i < view.field_count; ++i) {
        const std::string_view name = text(view.fields[i].name), value = text(view.fields[i].value);
        if (name == "cache-control") asked.add(value), is_said = true;
        if (name == "pragma" && support::equalsLower(support::trim(value), "no-cache")) by_pragma = true;
    }
    if (!is_said && by_pragma) asked.no_cache = true;
    return asked;
}

}  // namespace turnpike::cache
