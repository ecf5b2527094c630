// head.h - the fields of an answer as text, for the memory. Pure; any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/plugin.hpp"

namespace turnpike::cache {

/// What of an answer's head is kept: not what belongs to one connection or to the caches before this one.
std::string packed(std::span<const tp_field> fields);
/// Views of `text`. Lines that are none end it: what a reader copied may be torn until it has looked again.
std::vector<tp_field> unpacked(std::string_view text);

/// The first of that lower-case name, without blanks around it; empty: none.
std::string_view valueOf(std::span<const tp_field> fields, std::string_view name);

/// The kept fields with those of a 304 in place of theirs (RFC 9111 section 3.2).
std::string updated(std::string_view kept, std::span<const tp_field> fields);

}  // namespace turnpike::cache
