// directives.h - Cache-Control of requests and answers (RFC 9111 section 5.2, RFC 5861). Pure; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnpike::cache {

/// Times in seconds. What stands there twice counts with its stricter value, what is malformed with its strictest.
struct Directives {
    bool no_cache = false, no_store = false, is_private = false, is_public = false;
    bool must_revalidate = false, proxy_revalidate = false, only_if_cached = false;
    std::optional<int64_t> max_age, s_maxage, min_fresh, max_stale, stale_while_revalidate, stale_if_error;

    /// One field value. private="..." and no-cache="..." count as their forms without fields, which are stricter.
    void add(std::string_view value);
};

/// max-stale without a value, and the most that any of them holds: 68 years.
inline constexpr int64_t kMostSeconds = INT32_MAX;

}  // namespace turnpike::cache
