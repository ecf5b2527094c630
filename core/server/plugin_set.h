// plugin_set.h - the plugins of a snapshot: loaded, configured at each place that names them, and bound to the
// sites' routes and hooks. Built before the first request; torn down after the last.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "plugin/loader.h"
#include "server/backends.h"
#include "server/shared_memory.h"
#include "server/site.h"
#include "server/tls_dialers.h"

struct tp_worker;

namespace turnpike::server {

/// What tp_setup.host_data points to while a plugin is being configured.
struct Configuring {
    BackendRegistry* backends;
    SharedRegistry* shared;
    TlsDialers* dialers;
    uint32_t site;
    std::vector<config::Problem>* findings;  // in the files of sites; null: they are not looked through
};

/// What was declared when the generation was planned, see BackendRegistry and SharedRegistry; null in a trial.
struct Planned {
    const std::vector<BackendSpec>* backends = nullptr;
    const std::vector<SharedUse>* shared = nullptr;
};

class PluginSet {
 public:
    /// Loads and configures everything; appends what is wrong to `problems`. `findings`: plugins look through the
    /// files of their sites as well, and say there what is wrong with them.
    PluginSet(const config::Snapshot& snapshot, SiteTable& sites, std::vector<config::Problem>& problems,
              Planned planned = {}, Trying trying = {}, std::vector<config::Problem>* findings = nullptr);
    ~PluginSet();
    PluginSet(const PluginSet&) = delete;
    PluginSet& operator=(const PluginSet&) = delete;

    /// worker_start() of every instance; false when one refuses, with its name in *failed.
    bool startWorker(tp_worker* worker, std::string* failed);
    const std::vector<BackendSpec>& backends() const { return backends_.specs(); }
    const std::vector<SharedSpec>& shared() const { return shared_.specs(); }

 private:
    struct Instance;
    Instance* configure(const config::PluginUse& use, const config::Site& site, uint32_t index,
                        std::vector<config::Problem>& problems);
    void bindRoutes(Site& site, std::vector<config::Problem>& problems);
    void bindHooks(Site& site, std::vector<config::Problem>& problems);

    void aboutTo(const config::PluginUse& use, const std::string& what) const;

    Trying trying_;
    std::vector<config::Problem>* findings_;
    const std::vector<std::string> names_;
    plugin::Loader loader_;
    BackendRegistry backends_;
    SharedRegistry shared_;
    TlsDialers dialers_;
    std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace turnpike::server
