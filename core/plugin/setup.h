// setup.h - what a plugin sees inside configure(): its values and its site. [setup] only, one thread.
#pragma once
#include <map>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "sdk/plugin.h"

/// Completes the opaque type of plugin.h: one place in the config that names a plugin. Keep it as long as the
/// instance that was made with it: the values that the plugin got live here.
struct tp_setup {
    /// `keys`: what config::bind() made of `use`. `site` and `use` outlive this; problems go to `to`.
    tp_setup(const turnpike::config::Site& site, const turnpike::config::PluginUse& use,
             std::vector<turnpike::config::BoundKey> keys, std::vector<turnpike::config::Problem>& to);
    tp_setup(const tp_setup&) = delete;
    tp_setup& operator=(const tp_setup&) = delete;

    struct Value {
        const turnpike::config::BoundKey* key;
        std::vector<tp_str> list;
        std::vector<tp_field> map;
    };
    /// The key of that name; null when the plugin did not declare it.
    const Value* find(std::string_view name) const;
    /// Notes why this use of the plugin is refused; `key` empty or unknown: at the plugin's own line.
    void refuse(std::string_view key, std::string_view message);
    bool isRefused() const { return is_refused_; }

    const turnpike::config::Site& site;
    const turnpike::config::PluginUse& use;
    std::vector<tp_str> index;
    void* host_data = nullptr;  // the host's own, for what a plugin calls inside configure()

 private:
    std::vector<turnpike::config::BoundKey> keys_;
    std::map<std::string_view, Value> values_;
    std::vector<turnpike::config::Problem>& problems_;
    bool is_refused_ = false;
};

namespace turnpike::plugin {

/// Calls the plugin's configure(). NULL: refused, and at least one problem says why, also when it threw.
void* configure(const tp_plugin& plugin, const tp_host& host, tp_setup& setup);

// The [setup] functions of tp_host. Asking for a key that was not declared, or for a value of another type, is a
// mistake in the plugin's source and stops the process with a sentence: no config can cure it.
tp_str configString(const tp_setup* setup, const char* key);
int64_t configInteger(const tp_setup* setup, const char* key);
size_t configList(const tp_setup* setup, const char* key, const tp_str** items);
size_t configMap(const tp_setup* setup, const char* key, const tp_field** items);
int32_t configIsSet(const tp_setup* setup, const char* key);
void* configError(tp_setup* setup, const char* key, const char* message);
tp_str siteName(const tp_setup* setup);
tp_str siteRoot(const tp_setup* setup);
size_t siteIndex(const tp_setup* setup, const tp_str** names);

}  // namespace turnpike::plugin
