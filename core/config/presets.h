// presets.h - the rules of well-known applications, written as a [[site]] without its name, hosts and root. They
// lie in config/presets and are compiled in. Constant data.
#pragma once
#include <span>
#include <string_view>

namespace turnpike::config {

struct Preset {
    std::string_view name;  // "wordpress"
    std::string_view text;  // TOML, the first line a comment that says what it is for
};

/// In the order of their names.
std::span<const Preset> presets();
/// Null: there is none of that name.
const Preset* findPreset(std::string_view name);

}  // namespace turnpike::config
