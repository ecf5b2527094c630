// label.h - what purges name a stored answer by: its URL and its tags. Pure; any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"

namespace turnpike::cache {

/// The fields in which an answer names its tags; they are for this cache only and never leave the server.
inline constexpr std::string_view kTagFields[] = {"cache-tag", "surrogate-key"};
bool isTagField(std::string_view name);

/// What a target is named by at an origin ("https://example.org"): its decoded path, and the query as it came.
std::string urlOf(std::string origin, std::string_view target);

/// `url`, as urlOf() has it, and the tags of an answer: Cache-Tag has commas between them, Surrogate-Key spaces.
std::string labelWith(std::string url, std::span<const tp_field> fields);

/// Whether a notice speaks of it: "all", "url TEXT", "prefix TEXT" or "tag TEXT". A URL or prefix that begins with
/// '/' is of every host of the site; it may be written percent-encoded or not.
bool isMeant(std::string_view notice, std::string_view label);

}  // namespace turnpike::cache
