// visit.h - what is kept of a request from its first hook to its end.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store.h"

namespace turnpike::cache {

class Tier;

/// An answer that was found, and where.
struct Match {
    Tier* tier;
    Found found;
};

struct Visit {
    enum class Kind : uint8_t {
        Passed,   // without the cache
        Changes,  // an unsafe method
        Waits,    // for another request's answer
        Brings,   // its answer may be stored
        Renews    // the cache has begun it, and it has not come here yet
    };
    Kind kind = Kind::Passed;
    std::string status;  // what Cache-Status says when its answer leaves
    Hash primary;
    Directives asked;
    uint64_t notices = 0, changes[2] = {};  // of the moment when it began, in each tier
    uint64_t waited_ms = 0;
    bool has_turn = false;
    std::optional<Match> stale;  // there was one, which may do if no new one can be had
    std::string asked_about;     // the site was asked whether this still holds: label, fields and body of it

    // Of its answer:
    bool is_collected = false, is_replaced = false;
    int64_t declared = TP_LENGTH_UNKNOWN;
    Store::Insertion insertion;
    std::string vary, label, fields, body;
};

}  // namespace turnpike::cache
