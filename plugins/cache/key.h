// key.h - what an answer is known by: the target of the request, and the fields that the answer varies by (RFC
// 9111 sections 2 and 4.1). Pure; any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/plugin.hpp"
#include "sdk/support/keyed_hash.h"

namespace turnpike::cache {

/// 128 bits that nobody can foresee without the key, so that two targets are never taken for one another.
struct Hash {
    uint64_t high = 0, low = 0;
    bool operator==(const Hash&) const = default;
};
Hash hashOf(support::HashKey key, std::string_view text);
/// Random, and the same in all processes that one master has forked.
support::HashKey processKey();

/// "https://example.org:8443/path?query" with the target as it came, since that is what scripts see of it,
/// followed by every field that scripts are known to take for the target's: who sends one gets answers of his own
/// and puts none in the way of others. Nothing: not in origin-form or without a host; such answers are not stored.
std::optional<std::string> primaryKey(const tp_request_view& view);
/// The same for what a Location or Content-Location of the answer names, if that is of the same origin.
std::optional<std::string> keyOfReference(const tp_request_view& view, std::string_view reference);
/// Scheme, host and port, and the path that the visitor asked for, decoded, with the query as it came: what purges
/// name.
std::string labelOf(const tp_request_view& view);
/// The fields that primaryKey() has besides the target.
std::span<const std::string_view> targetFields();

/// The names of all Vary fields, in lower case, sorted, each once, with commas between; nothing for "*".
std::optional<std::string> varyOf(std::span<const tp_field> fields);
/// Whether that field is among those that varyOf() named; `name` in lower case.
bool doesName(std::string_view vary, std::string_view name);
/// What the request says in the fields that varyOf() named. Accept-Encoding counts only as far as it can change a
/// choice; of other lists the white space does not count. Cookie is left out: who gets here has only harmless
/// ones, and what is stored under a Vary that names it was made without any.
std::string variantOf(const tp_request_view& view, std::string_view vary);

}  // namespace turnpike::cache
