// http_date.h - HTTP-date (RFC 9110 section 5.6.7). Pure; any thread; no allocation, no locale, no clock.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnpike::support {

/// Bytes of an IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
inline constexpr size_t kHttpDateSize = 29;

/// Writes exactly kHttpDateSize bytes, no NUL. Moments outside of the years 0000 to 9999 become the nearest
/// moment inside, so that the result is always a valid date.
void formatHttpDate(int64_t unix_seconds, char* to) noexcept;

/// The moment in seconds since 1970 of an IMF-fixdate, an RFC 850 date or an asctime() date. `now_unix` places the
/// two-digit year of RFC 850, which is never more than 50 years in the future. Empty when `text` is none of
/// the three; the day's name must exist but need not fit the date.
std::optional<int64_t> parseHttpDate(std::string_view text, int64_t now_unix) noexcept;

}  // namespace turnpike::support
