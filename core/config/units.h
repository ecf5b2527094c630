// units.h - "10s" and "64KiB". Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace turnpike::config {

/// Milliseconds from "500ms", "10s", "5m", "2h"; "0" needs no unit.
Result<int64_t> parseDuration(std::string_view text);
/// Bytes from "512", "512B", "64KiB", "16MiB", "1GiB".
Result<int64_t> parseSize(std::string_view text);
/// The shortest text that parses to the same: "1500ms", "10s", "64KiB".
std::string durationText(int64_t milliseconds);
std::string sizeText(int64_t bytes);

}  // namespace turnpike::config
