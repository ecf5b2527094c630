// write.h - a snapshot as the text of one file that gives the same snapshot again. Pure.
#pragma once
#include <string>
#include <string_view>

#include "config/snapshot.h"

namespace turnpike::config {

/// Every key is written, also those that have their default, but for keys of measuring; paths as they are in the
/// snapshot, and what was included is part of the one file. Keys of plugins are written as they were given.
std::string toml(const Snapshot& snapshot);

/// One string as TOML: in quotation marks, what may not stand in them escaped.
std::string tomlString(std::string_view text);

}  // namespace turnpike::config
