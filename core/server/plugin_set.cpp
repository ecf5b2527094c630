#include "server/plugin_set.h"

#include <algorithm>

#include "config/plugin_names.h"
#include "os/privileges.h"
#include "plugin/setup.h"
#include "server/host_table.h"

namespace turnpike::server {

/// One place of the config. The setup holds the values that the plugin was given views of.
struct PluginSet::Instance {
    const config::PluginUse* use;
    const tp_plugin* table;
    std::unique_ptr<tp_setup> setup;
    size_t number = 0;
    void* self = nullptr;
    void* worker = nullptr;
    std::vector<PluginSlot*> slots;
};

PluginSet::PluginSet(const config::Snapshot& snapshot, SiteTable& sites, std::vector<config::Problem>& problems,
                     Planned planned, Trying trying, std::vector<config::Problem>* findings)
    : trying_(std::move(trying)),
      findings_(findings),
      names_(config::pluginNames(snapshot)),
      loader_(snapshot.server.plugin_folder, os::ownIdentity().uid, hostTable()),
      backends_(snapshot.server.runtime_folder, snapshot.server.plugin_folder, planned.backends),
      shared_(planned.shared) {
    for (auto& site : sites.all()) {
        bindRoutes(*site, problems);
        bindHooks(*site, problems);
    }
}

PluginSet::~PluginSet() {
    for (auto& instance : instances_)
        if (instance->worker != nullptr && instance->table->worker_stop != nullptr)
            instance->table->worker_stop(instance->worker);
    for (auto& instance : instances_) {
        if (instance->self == nullptr || instance->table->destroy == nullptr) continue;
        aboutTo(*instance->use, "its destroy()");
        instance->table->destroy(instance->self);
    }
    if (trying_) trying_("unloading a plugin");
}

void PluginSet::aboutTo(const config::PluginUse& use, const std::string& what) const {
    if (trying_) trying_(config::Problem{use.at, "plugin " + use.plugin + ": " + what}.text());
}

PluginSet::Instance* PluginSet::configure(const config::PluginUse& use, const config::Site& site, uint32_t index,
                                          std::vector<config::Problem>& problems) {
    aboutTo(use, "loading " + loader_.pathOf(use.plugin));
    auto table = loader_.load(use.plugin);
    if (!table) {
        problems.push_back({use.at, table.error().text});
        return nullptr;
    }
    size_t before = problems.size();
    auto keys = config::bind(use, (*table)->keys, (*table)->key_count, problems);
    if (problems.size() > before) return nullptr;
    Configuring configuring{&backends_, &shared_, &dialers_, index, findings_};
    auto instance = std::make_unique<Instance>();
    instance->use = &use;
    instance->table = *table;
    instance->number = static_cast<size_t>(std::ranges::lower_bound(names_, use.plugin) - names_.begin());
    instance->setup = std::make_unique<tp_setup>(site, use, std::move(keys), problems);
    instance->setup->host_data = &configuring;
    aboutTo(use, "its configure()");
    instance->self = plugin::configure(**table, hostTable(), *instance->setup);
    instance->setup->host_data = nullptr;
    instances_.push_back(std::move(instance));
    return instances_.back().get();
}

void PluginSet::bindRoutes(Site& site, std::vector<config::Problem>& problems) {
    for (Route& route : site.routes) {
        Instance* instance = configure(route.config->use, *site.config, site.index, problems);
        if (instance == nullptr) continue;
        if (instance->table->on_request == nullptr)
            problems.push_back({route.config->use.at, "plugin " + route.config->use.plugin +
                                                          " answers no requests: it belongs in [[site.hook]]"});
        route.slot = {instance->table, instance->self, nullptr, instance->number};
        instance->slots.push_back(&route.slot);
    }
}

void PluginSet::bindHooks(Site& site, std::vector<config::Problem>& problems) {
    // The slots must not move once their addresses are kept.
    size_t most = site.config->hooks.size();
    for (auto* list : {&site.access, &site.filters, &site.observers}) list->reserve(most);
    for (const config::PluginUse& use : site.config->hooks) {
        Instance* instance = configure(use, *site.config, site.index, problems);
        if (instance == nullptr) continue;
        const tp_plugin& table = *instance->table;
        auto add = [&](std::vector<PluginSlot>& list) {
            list.push_back({&table, instance->self, nullptr, instance->number});
            instance->slots.push_back(&list.back());
        };
        if (table.on_access != nullptr) add(site.access);
        if (table.on_response != nullptr) add(site.filters);
        if (table.on_log != nullptr) add(site.observers);
        if (instance->slots.empty())
            problems.push_back({use.at, "plugin " + use.plugin + " has no hook: it belongs in [[site.route]]"});
    }
}

bool PluginSet::startWorker(tp_worker* worker, std::string* failed) {
    for (auto& instance : instances_) {
        const bool has_start = instance->table->worker_start != nullptr;
        instance->worker = has_start ? instance->table->worker_start(instance->self, worker) : instance->self;
        if (instance->worker == nullptr) {
            *failed = instance->table->name;
            return false;
        }
        for (PluginSlot* slot : instance->slots) slot->worker = instance->worker;
    }
    return true;
}

}  // namespace turnpike::server
