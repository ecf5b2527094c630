// bind.h - keys of a file held against their declarations: one road for the core's keys and for the plugins'.
// Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/snapshot.h"

namespace turnpike::config {

/// Turns a value of the file into what declarations are checked against. False: a kind that no key takes, which is
/// in `problems` now.
bool makeRawKey(const Member& member, RawKey* to, std::vector<Problem>& problems);

/// Tells of a section, as [name] or [[name]], that is not one of `known`; false: it is no section, or a known one.
bool isUnknownSection(const Member& member, const std::vector<std::string_view>& known,
                      std::vector<Problem>& problems);

/// What is bound, for messages and suggestions.
struct BindScope {
    std::string where;                         // "in [server]", "for plugin \"cgi\""
    Position at;                               // for a key that is missing
    std::vector<std::string_view> more_names;  // what else could be meant
    /// Where a key that is unknown here belongs instead: "it belongs in [limits]", or empty. May be null.
    std::string (*elsewhere)(std::string_view name) = nullptr;
};

/// One BoundKey for each declaration, in their order. What is wrong goes to `problems`, and the default stands in.
std::vector<BoundKey> bindKeys(const BindScope& scope, const std::vector<RawKey>& given, const tp_key* keys,
                               size_t count, std::vector<Problem>& problems);

}  // namespace turnpike::config
