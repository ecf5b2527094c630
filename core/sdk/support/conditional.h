// conditional.h - preconditions (RFC 9110 section 13) against a request's fields. Pure; any thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "sdk/plugin.h"

namespace turnpike::support {

/// What a representation is recognised by.
struct Validators {
    std::string_view etag;  // as in the field: "\"x\"" or "W/\"x\""; empty: none
    int64_t modified = 0;   // seconds since 1970, as told in Last-Modified
};

enum class Precondition : uint8_t {
    Proceed,
    NotModified,  // 304
    Failed        // 412
};

/// The present-bits of every field that checkPreconditions() reads. Nothing of it set: the answer is Proceed.
inline constexpr uint64_t kPreconditionFields =
    TP_HAS_IF_MATCH | TP_HAS_IF_NONE_MATCH | TP_HAS_IF_MODIFIED_SINCE | TP_HAS_IF_UNMODIFIED_SINCE;

/// If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110 section 13.2.2, for
/// a representation that exists. Dates that are none are ignored.
Precondition checkPreconditions(const tp_request_view& view, const Validators& validators) noexcept;

/// True when Range is to be honoured: a GET with Range, and with If-Range only if it names this very
/// representation (strong comparison; a date must be Last-Modified exactly, RFC 9110 section 13.1.5).
bool isRangeWanted(const tp_request_view& view, const Validators& validators) noexcept;

}  // namespace turnpike::support
