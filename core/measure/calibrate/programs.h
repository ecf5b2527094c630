// programs.h - programs that measuring starts: where they are, and what they say of themselves.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace turnpike::measure {

/// Where the empty programs of this installation are.
std::string ownProgramFolder();

/// The path of `name` in the folders where distributions install programs; otherwise that of its highest version,
/// "php-fpm8.2" for "php-fpm". Empty: it is not installed.
std::string findProgram(const std::string& name);
/// As above, in these folders.
std::string findProgram(const std::string& name, const std::vector<std::string>& folders);

/// The names in a folder, sorted; none when it cannot be read.
std::vector<std::string> namesIn(const std::string& folder);

/// For os::Program; leads into `command`, which must stay.
std::vector<const char*> argumentsOf(const std::vector<std::string>& command);
/// Runs it to its end with an empty standard input; what it wrote to its standard output, nothing when it could
/// not be started or failed.
std::optional<std::string> outputOf(const std::vector<std::string>& command);

}  // namespace turnpike::measure
