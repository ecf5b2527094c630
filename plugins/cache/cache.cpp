// cache.cpp - the plugin's declaration: its memory, and its entry.
#include "plugin.h"
#include "presence.h"
#include "store.h"
#include "worker.h"

namespace turnpike::cache {
namespace {

const tp_shared_service& sharedService(const tp_host& host) {
    const auto* service = static_cast<const tp_shared_service*>(host.extension(TP_SHARED_ID));
    if (service == nullptr) throw Refused("", "this server has no shared memory for plugins (" TP_SHARED_ID ")");
    return *service;
}

tp_shared* declare(const tp_shared_service& service, tp_setup& setup, std::string_view name, uint64_t size,
                   uint32_t locks, const std::string& token, bool on_disk) {
    tp_shared_spec spec{};
    spec.struct_size = sizeof spec;
    spec.locks = locks;
    spec.name = str(name);
    spec.size = size;
    spec.token = str(token);
    spec.on_disk = on_disk ? 1 : 0;
    tp_shared* shared = service.declare(&setup, &spec);
    if (shared == nullptr) throw Refused("", "its memory was refused");
    return shared;
}

}  // namespace

Cache::Cache(const tp_host& h, tp_setup& setup) : host(h), shared(sharedService(h)), settings(h, setup) {
    memory = declare(shared, setup, "cache", settings.memory, kMostShards + kSeats, settings.purge_token, false);
    if (settings.disk > 0)
        disk = declare(shared, setup, "cache on disk", settings.disk, kMostShards, settings.purge_token, true);
}

}  // namespace turnpike::cache

TURNPIKE_PLUGIN(turnpike::cache::Cache)
