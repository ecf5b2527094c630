// What makes a plugin's table acceptable. The first three members are read before anything else is believed.
#include <algorithm>
#include <cstddef>
#include <set>

#include "config/keys.h"
#include "plugin/loader.h"

namespace turnpike::plugin {
namespace {

/// The size of the table in ABI 1.0: what every plugin has at least.
constexpr uint32_t kFirstSize = offsetof(tp_plugin, on_log) + sizeof(tp_plugin::on_log);
constexpr uint32_t kKnownCapabilities = TP_CAP_BLOCKING | TP_CAP_RESIDENT | TP_CAP_SCRIPTS;

std::string wantedGot(const char* field, const std::string& wanted, uint64_t got) {
    return std::string(field) + " is " + std::to_string(got) + ", wanted " + wanted;
}

bool isEmpty(const char* text) { return text == nullptr || *text == '\0'; }

bool isKeyName(std::string_view name) {
    if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

/// A route holds its own keys and those of its plugin side by side.
bool isKeyOfRoute(std::string_view name) {
    auto keys = config::routeKeys();
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return name == key.declared.name; });
}

std::string keyRefusal(const tp_key& key, uint32_t n, std::set<std::string_view>& seen) {
    std::string number = "key " + std::to_string(n);
    if (isEmpty(key.name)) return number + " has no name";
    std::string quoted = "key \"" + std::string(key.name) + "\"";
    if (!isKeyName(key.name)) return quoted + ": a name begins with a-z and holds a-z, 0-9 and _ only";
    if (isKeyOfRoute(key.name)) return quoted + " would hide the route's own key of that name: call it otherwise";
    if (!seen.insert(key.name).second) return quoted + " is declared twice";
    if (key.type < TP_KEY_STRING || key.type > TP_KEY_MAP)
        return quoted + ": type is " + std::to_string(key.type) + ", wanted one of TP_KEY_*";
    if (key.required != 0 && key.fallback != nullptr) return quoted + " is required and has a default";
    if (isEmpty(key.help)) return quoted + " has no help text";
    return {};
}

}  // namespace

std::string keyRefusal(const tp_key* keys, uint32_t count) {
    if (count > 0 && keys == nullptr) return "keys is NULL but key_count is " + std::to_string(count);
    std::set<std::string_view> seen;
    for (uint32_t i = 0; i < count; ++i)
        if (std::string why = keyRefusal(keys[i], i, seen); !why.empty()) return why;
    return {};
}

std::string refusal(const tp_plugin& table) {
    const std::string minor = std::to_string(TP_ABI_MINOR);
    if (table.struct_size < offsetof(tp_plugin, capabilities))
        return wantedGot("struct_size", "at least " + std::to_string(kFirstSize), table.struct_size);
    if (table.abi_major != TP_ABI_MAJOR)
        return wantedGot("abi_major", std::to_string(TP_ABI_MAJOR) + ": build it against this Turnpike's plugin.h",
                         table.abi_major);
    if (table.abi_minor > TP_ABI_MINOR)
        return wantedGot("abi_minor", "at most " + minor + ": it needs a newer Turnpike", table.abi_minor);
    if (table.struct_size < kFirstSize)
        return wantedGot("struct_size", "at least " + std::to_string(kFirstSize), table.struct_size);
    if (table.struct_size > sizeof(tp_plugin))
        return wantedGot("struct_size",
                         "at most " + std::to_string(sizeof(tp_plugin)) + " with abi_minor " + minor,
                         table.struct_size);
    if (isEmpty(table.name)) return "name is empty";
    if (isEmpty(table.version)) return "version is empty";
    if (isEmpty(table.summary)) return "summary is empty";
    if (table.configure == nullptr) return "configure is NULL";
    if ((table.capabilities & ~kKnownCapabilities) != 0)
        return wantedGot("capabilities", "only bits of " + std::to_string(kKnownCapabilities), table.capabilities);
    return keyRefusal(table.keys, table.key_count);
}

}  // namespace turnpike::plugin
