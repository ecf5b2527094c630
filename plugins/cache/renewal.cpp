#include "renewal.h"

#include <algorithm>

#include "key.h"

namespace turnpike::cache {
namespace {

// Without them some sites answer as to a robot.
constexpr std::string_view kUsual[] = {"accept", "accept-language", "user-agent"};

// Whatever Vary says: a client's own, what the cache asks itself, and what the server writes.
constexpr std::string_view kNever[] = {"authorization",       "cookie",        "host",     "if-match",
                                       "if-modified-since",   "if-none-match", "if-range", "if-unmodified-since",
                                       "proxy-authorization", "range"};

bool isIn(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::vector<tp_field> renewalFields(const tp_request_view& view, std::string_view vary) {
    std::vector<tp_field> fields;
    for (const tp_field& field : std::span(view.fields, view.field_count)) {
        const std::string_view name = text(field.name);
        const bool is_needed = isIn(targetFields(), name) || isIn(kUsual, name) || doesName(vary, name);
        if (is_needed && !isIn(kNever, name)) fields.push_back(field);
    }
    return fields;
}

}  // namespace turnpike::cache
