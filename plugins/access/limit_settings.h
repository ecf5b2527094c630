// limit_settings.h - how often and how much at once a client may ask, as the config says. Never changed after
// configure().
#pragma once
#include <optional>
#include <string>

#include "limit_key.h"
#include "limit_table.h"
#include "sdk/support/networks.h"

namespace turnpike::access {

struct LimitSettings {
    Limit limit;
    LimitKey key;
    support::Networks unlimited;
    uint64_t clients;  // for how many there is room
    const tp_shared_service* service;
    tp_shared* shared;

    /// Empty where neither `rate` nor `at_once` is set. Throws Refused.
    static std::optional<LimitSettings> read(const tp_host& host, tp_setup& setup);
};

}  // namespace turnpike::access
