// cache.cpp - the plugin's declaration: its memory, and its entry.
#include "plugin.h"
#include "presence.h"
#include "store.h"
#include "worker.h"

namespace turnpike::cache {
namespace {

template <class Service>
const Service& service(const tp_host& host, const char* id) {
    const auto* found = static_cast<const Service*>(host.extension(id));
    if (found == nullptr) throw Refused("", std::string("this server is too old for it: it has no ") + id);
    return *found;
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
    if (!on_disk) {  // both tiers count there
        spec.counters = kCounters;
        spec.counter_count = std::size(kCounters);
    }
    tp_shared* shared = service.declare(&setup, &spec);
    if (shared == nullptr) throw Refused("", "its memory was refused");
    return shared;
}

}  // namespace

Cache::Cache(const tp_host& h, tp_setup& setup)
    : host(h),
      shared(service<tp_shared_service>(h, TP_SHARED_ID)),
      requests(service<tp_request_service>(h, TP_REQUEST_ID)),
      responses(service<tp_response_service>(h, TP_RESPONSE_ID)),
      background(static_cast<const tp_background_service*>(h.extension(TP_BACKGROUND_ID))),
      settings(h, setup) {
    memory = declare(shared, setup, "cache/" CACHE_LAYOUT, settings.memory, kMostShards + kSeats,
                     settings.purge_token, false);
    if (settings.disk > 0)
        disk = declare(shared, setup, "cache-on-disk/" CACHE_LAYOUT, settings.disk, kMostShards,
                       settings.purge_token, true);
}

}  // namespace turnpike::cache

TURNPIKE_PLUGIN(turnpike::cache::Cache)
