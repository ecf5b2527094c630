// pattern.h - PCRE2 patterns, compiled here only to be checked; the server compiles them again for itself. Pure.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::config {

/// What is wrong with `pattern`, or empty.
std::string checkPattern(const std::string& pattern);
/// Whether `pattern`, which is good, finds something in `path`.
bool patternMatches(const std::string& pattern, std::string_view path);

}  // namespace turnpike::config
