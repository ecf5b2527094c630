// settings.h - what the config says about one instance of the plugin. Never changed after configure().
#pragma once
#include <string>
#include <vector>

#include "condition.h"
#include "field_rules.h"
#include "sdk/plugin.hpp"

namespace turnpike::headers {

/// The keys, as the loader, `turnpike explain` and the manual see them.
inline constexpr tp_key kKeys[] = {
    {"set", TP_KEY_MAP, 0, nullptr,
     "Fields that the answer has with this value and no other: { X-Frame-Options = \"DENY\" }."},
    {"default", TP_KEY_MAP, 0, nullptr, "Fields for answers that have none of that name yet."},
    {"merge", TP_KEY_MAP, 0, nullptr,
     "Elements of comma-separated fields, such as { Vary = \"Origin\" }: those that the answer has not yet are "
     "put "
     "behind the others."},
    {"add", TP_KEY_LIST, 0, "[]",
     "Fields beside those that the answer has, as \"Name: value\"; a name may stand there often. Vary is merged."},
    {"remove", TP_KEY_LIST, 0, "[]", "Names of fields that are taken away, before the other keys."},
    {"security", TP_KEY_BOOLEAN, 0, "false",
     "As `default`: X-Content-Type-Options \"nosniff\", X-Frame-Options \"SAMEORIGIN\" and Referrer-Policy "
     "\"strict-origin-when-cross-origin\"."},
    {"statuses", TP_KEY_LIST, 0, "[]",
     "Change only answers with one of these statuses, such as \"404\" or \"5xx\"; by default all, errors too."},
    {"types", TP_KEY_LIST, 0, "[]",
     "Change only answers with one of these media types, such as \"text/html\" or \"image/*\"."},
    {"prefixes", TP_KEY_LIST, 0, "[]", "Change only answers to paths that begin with one of these."},
    {"suffixes", TP_KEY_LIST, 0, "[]",
     "Change only answers to paths that end with one of these, such as \".css\"."},
};

struct Settings {
    /// Throws Refused.
    Settings(const tp_host& host, const tp_setup& setup);

    std::vector<std::string> remove;
    std::vector<Field> set, defaults, merge, add;
    Condition condition;
};

}  // namespace turnpike::headers
