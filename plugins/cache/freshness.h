// freshness.h - what RFC 9111 says of storing an answer and of using a stored one. Pure; any thread; time is given
// to it. Milliseconds, but where a name says otherwise.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "directives.h"
#include "sdk/plugin.hpp"

namespace turnpike::cache {

/// What is kept of an answer to judge its use.
struct Terms {
    uint64_t since_ns = 0;  // CLOCK_MONOTONIC of the request that brought or confirmed it
    int64_t age_ms = 0;     // how old it was then (section 4.2.3)
    int64_t lifetime_ms = 0;
    int64_t while_revalidate_ms = 0, if_error_ms = 0;  // past its lifetime, 0 where stale answers are forbidden
    int64_t modified_s = 0;  // Last-Modified, or when it came: for If-Modified-Since (section 4.3.2)
    uint32_t status = 0;
    uint32_t may_be_stale = 0;    // max-stale of a client is honoured
    uint32_t for_authorized = 0;  // may answer requests with Authorization (section 3.5)

    int64_t ageAt(uint64_t now_ns) const {
        return age_ms + static_cast<int64_t>((now_ns > since_ns ? now_ns - since_ns : 0) / 1'000'000);
    }
};

/// What the site's owner says where an answer does not.
struct Defaults {
    int64_t lifetime_ms = 0;  // 0: answers that say nothing are not stored
    int64_t while_revalidate_ms = 0, if_error_ms = 0;
};

struct Moment {
    uint64_t request_ns;  // CLOCK_MONOTONIC
    int64_t unix_ms;      // the same
};

struct Stored {
    const char* refused = nullptr;  // why not; null: it may be stored
    // It is a part, or was refused for what is this client's (a cookie, a password, 403, 429): others may go on
    // with the one before.
    bool is_for_one = false;
    Terms terms;
};
/// Section 3, for the answer to a GET without a body. `fields`: of the answer. `authorized`: the request had
/// Authorization.
Stored mayStore(unsigned status, std::span<const tp_field> fields, bool authorized, const Defaults& defaults,
                Moment asked);

enum class Use : uint8_t {
    Fresh,
    Stale,       // the client takes it so
    Revalidate,  // stale, but may be sent while another request brings a new one
    OnError,     // only when no new one can be had
    No
};
/// Section 4, and RFC 5861. `asked`: the request's directives.
Use mayUse(const Terms& terms, const Directives& asked, uint64_t now_ns);

/// Who asks has told his name: to the site, or to a hook that set remote_user.
inline bool isKnown(const tp_request_view& view) {
    return (view.present & TP_HAS_AUTHORIZATION) != 0 || view.remote_user.len > 0;
}

/// Cache-Control of a request; Pragma where it has none (section 5.4).
Directives askedFor(const tp_request_view& view);

}  // namespace turnpike::cache
