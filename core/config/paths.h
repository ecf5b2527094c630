// paths.h - file names without asking the file system. Pure.
#pragma once
#include <string>
#include <string_view>

namespace turnpike::config {

/// "/etc/turnpike" of "/etc/turnpike/turnpike.toml", "." of "turnpike.toml".
std::string folderOf(std::string_view file);
/// `path` as the config file `named_in` means it, which itself is relative to `working_folder`: absolute, "." and
/// ".." resolved by name, no trailing slash.
std::string absolutePath(std::string_view path, std::string_view named_in, std::string_view working_folder);

}  // namespace turnpike::config
