// schema.h - the tables of the store, and how an older file comes up to date.
//
// PRAGMA application_id tells that a file is ours, PRAGMA user_version how many migrations it has had. A migration
// that has been in a release is never changed; what must change becomes the next one.
#pragma once
#include <Poco/Data/Session.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace turnpike::measure {

inline constexpr int64_t kApplicationId = 0x54705231;  // "TpR1"

/// The statements that lead from one version to the next.
using Migration = std::vector<const char*>;

/// Number i leads to version i + 1.
std::span<const Migration> migrations();

/// Applies what the file lacks, in one transaction. A file that is not ours, or of a later version, is an error
/// and stays as it is. Throws what Poco throws.
Result<bool> bringUpToDate(Poco::Data::Session& session, const std::string& file,
                           std::span<const Migration> steps);

}  // namespace turnpike::measure
