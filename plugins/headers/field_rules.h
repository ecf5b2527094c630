// field_rules.h - which fields an administrator may change: what would break the framing of an answer, or smuggle
// a second field into it, is refused when the config is read. Throws Refused; start-up only.
#pragma once
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"

namespace turnpike::headers {

struct Field {
    std::string name, value;
};

/// Equal but for the case of letters.
bool isSameName(std::string_view a, std::string_view b) noexcept;

/// In quotes, for a message: bytes that a terminal would obey are shown as '?'.
std::string quoted(std::string_view text);

/// A token that is not a field of the server's own. `key` is where the message points to.
void checkName(const char* key, std::string_view name);
/// The same, with a value that is not empty and holds visible ASCII, spaces and tabs.
void checkField(const char* key, std::string_view name, std::string_view value);
/// The same, for a comma-separated list without quotes.
void checkListField(const char* key, std::string_view name, std::string_view value);

/// "Name: value" taken apart and checked.
Field parseLine(const char* key, std::string_view line);

}  // namespace turnpike::headers
