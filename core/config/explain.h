// explain.h - the declarations as text: for `turnpike explain` and for docs/configuration.md. Pure.
#pragma once
#include <string>
#include <string_view>

#include "config/keys.h"

namespace turnpike::config {

/// "duration, 1ms to 24h" or "\"off\", \"combined\" or \"json\"".
std::string typeText(const tp_key& key, const Rule& rule);
/// The default as a file would say it: "\"10s\"", "[]"; empty when there is none.
std::string defaultText(const tp_key& key);

/// All keys of the core, one line each.
std::string explainAll();
/// What is known of `name`: a key with its section ("limits.header"), a key alone, which may stand in several
/// sections, a section, or a preset ("preset.wordpress"). When nothing is, the text says so and *found is false.
std::string explain(std::string_view name, bool* found);

/// The keys of a plugin: all of them, or the one that is named. When there is none of that name, as above.
std::string explainPlugin(std::string_view plugin, const tp_key* keys, size_t count, std::string_view name,
                          bool* found);

/// docs/configuration.md, whole.
std::string manual();
/// docs/man/turnpike.toml.5, whole.
std::string manualPage();

}  // namespace turnpike::config
