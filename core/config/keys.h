// keys.h - the keys of the core, each declared once: parsing, errors, `turnpike explain` and docs/configuration.md
// come from these tables. Constant data.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/machine.h"
#include "config/snapshot.h"

namespace turnpike::config {

/// What a value must keep to, beyond its type.
struct Rule {
    int64_t least = 0;
    int64_t most = std::numeric_limits<int64_t>::max();  // of an integer, duration or size
    std::span<const char* const> choices = {};           // of a string; the index is what is stored
};

/// One key and how its value gets into a T. store() returns what is wrong with the value, or nothing.
template <class T>
struct Key {
    tp_key declared;
    Rule rule;
    std::string (*store)(T& to, const BoundKey& value, const Machine& machine);
    bool is_hidden = false;  // taken and explained when asked for by name, but in no list: for measuring only
};

/// The keys of one place of the file, without their types, for documentation and suggestions.
struct Section {
    const char* heading;  // "[server]", as it stands in a file
    const char* prefix;   // "server", for `turnpike explain server.listen`
    const char* place;    // "in [server]", for messages
    const char* help;
    struct Entry {
        const tp_key* key;
        const Rule* rule;
        bool is_hidden;
    };
    std::vector<Entry> entries;
};
const std::vector<Section>& sections();

/// The keys of a file itself, outside of all sections.
struct FileKeys {
    std::vector<std::string> include;
};
/// A hook has no key of its own but its plugin's name.
struct Hook {
    PluginUse use;
};

std::span<const Key<FileKeys>> fileKeys();
std::span<const Key<Server>> serverKeys();
std::span<const Key<Limits>> limitKeys();
std::span<const Key<Site>> siteKeys();
std::span<const Key<Route>> routeKeys();
std::span<const Key<Hook>> hookKeys();

}  // namespace turnpike::config
