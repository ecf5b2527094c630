// site.h - the sites of a snapshot with what serving needs: open roots, compiled patterns and flat arrays of
// plugin hooks, frozen before the first request. One worker, read only afterwards.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/snapshot.h"
#include "os/file.h"
#include "sdk/plugin.h"

struct pcre2_real_code_8;

namespace turnpike::net {
class TlsIdentity;
}

namespace turnpike::server {

/// A plugin at one place of the config.
struct PluginSlot {
    const tp_plugin* table = nullptr;
    void* instance = nullptr;  // from configure()
    void* worker = nullptr;    // from worker_start()
    size_t number = 0;         // of the plugin, in the order of config::pluginNames()
};

struct PatternDeleter {
    void operator()(pcre2_real_code_8* code) const;
};
using Pattern = std::unique_ptr<pcre2_real_code_8, PatternDeleter>;

struct Route {
    const config::Route* config = nullptr;
    PluginSlot slot;
    Pattern pattern;
    os::Fd root;  // where its files lie; none: in the site's

    bool matches(std::string_view path) const;
};

struct Site {
    const config::Site* config = nullptr;
    uint32_t index = 0;  // in the snapshot
    os::Fd root;
    const net::TlsIdentity* tls = nullptr;  // shared by sites that say the same of theirs; null: none
    std::vector<Route> routes;
    // A hook that a plugin leaves out has no slot here.
    std::vector<PluginSlot> access, filters, observers;
};

/// All sites, found by host name: exact before wildcard (the longest first) before the default.
class SiteTable {
 public:
    /// Opens roots and compiles patterns. Appends what is wrong to `problems`.
    SiteTable(const config::Snapshot& snapshot, std::vector<config::Problem>& problems);

    /// Null: no site has that name and there is no default. `host` is lower case, without port.
    const Site* find(std::string_view host) const;
    std::vector<std::unique_ptr<Site>>& all() { return sites_; }

 private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    using Names = std::unordered_map<std::string, const Site*, Hash, std::equal_to<>>;

    std::vector<std::unique_ptr<Site>> sites_;
    Names exact_, suffixes_;  // "*.example.org" is kept as ".example.org"
    const Site* default_ = nullptr;
};

}  // namespace turnpike::server
