#include "server/shared_memory.h"

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "plugin/setup.h"
#include "server/host_table.h"
#include "server/plugin_set.h"
#include "server/pool.h"

namespace turnpike::server {

tp_shared* SharedRegistry::add(SharedSpec spec, std::string* why) {
    const auto is_same = [&](const SharedSpec& s) { return s.site == spec.site && s.name == spec.name; };
    if (std::any_of(specs_.begin(), specs_.end(), is_same)) {
        *why = "the site has shared memory \"" + spec.name + "\" already: the plugin stands there twice";
        return nullptr;
    }
    os::SharedRegion* region = nullptr;
    if (planned_ != nullptr) {
        const auto made = std::find_if(planned_->begin(), planned_->end(),
                                       [&](const SharedUse& use) { return use.spec.isSame(spec); });
        if (made == planned_->end()) {
            *why = "shared memory \"" + spec.name + "\" was not declared when this configuration was taken";
            return nullptr;
        }
        region = made->region.get();
    }
    specs_.push_back(std::move(spec));
    handles_.push_back(std::make_unique<tp_shared>(tp_shared{region}));
    return handles_.back().get();
}

namespace {

constexpr size_t kMostCounters = 64;

tp_shared* declare(tp_setup* setup, const tp_shared_spec* given) {
    const auto refuse = [setup](const std::string& why) {
        hostTable().config_error(setup, "", why.c_str());
        return nullptr;
    };
    if (given->struct_size < sizeof *given)
        return refuse("tp_shared_spec.struct_size is " + std::to_string(given->struct_size) +
                      ", wanted at least " + std::to_string(sizeof *given));
    if (given->size == 0 || given->name.len == 0 || given->locks > os::SharedRegion::kMostLocks ||
        given->counter_count > kMostCounters || given->counter_count * sizeof(uint64_t) > given->size)
        return refuse("shared memory needs a name and a size, and has at most 4096 locks and 64 counters");
    std::vector<std::string> counters;
    for (size_t i = 0; i < given->counter_count; ++i)
        counters.emplace_back(given->counters[i].ptr, given->counters[i].len);
    auto& configuring = *static_cast<Configuring*>(setup->host_data);
    std::string why;
    tp_shared* shared = configuring.shared->add({setup->site.name,
                                                 {given->name.ptr, given->name.len},
                                                 {given->token.ptr, given->token.len},
                                                 given->size,
                                                 given->locks,
                                                 given->on_disk != 0,
                                                 std::move(counters)},
                                                &why);
    return shared != nullptr ? shared : refuse(why);
}

void* memory(tp_shared* shared) { return shared->region != nullptr ? shared->region->memory() : nullptr; }

int32_t lock(tp_shared* shared, uint32_t number, uint64_t wait_ms) {
    TP_ASSERT(!BlockingPool::isPoolThread() && shared->region != nullptr && number < shared->region->lockCount());
    return shared->region->lock(number).lock(wait_ms);
}

void unlock(tp_shared* shared, uint32_t number) { shared->region->lock(number).unlock(); }

uint64_t notices(const tp_shared* shared) { return shared->region->notices(); }

int32_t notice(const tp_shared* shared, uint64_t number, char* to, size_t size) {
    return shared->region->notice(number, to, size);
}

}  // namespace

const tp_shared_service& sharedTable() {
    static const tp_shared_service table = {
        sizeof(tp_shared_service), 0, declare, memory, lock, unlock, notices, notice};
    return table;
}

}  // namespace turnpike::server
