// plugin_slots.h - how long requests were with each plugin, in memory that a worker shares with the master. One
// writer; the master takes no lock and sees recent values.
#pragma once
#include <cstddef>
#include <cstdint>

namespace turnpike::ledger {

/// Requests that a plugin answered or, in an access hook, held, and how long it had them altogether: until it let
/// go of them or their answer had left.
struct PluginTime {
    uint64_t requests = 0, ns = 0;

    void add(const PluginTime& other) {
        requests += other.requests;
        ns += other.ns;
    }
};

/// The slots of one worker, for plugins in the order of config::pluginNames().
class PluginSlots {
 public:
    PluginSlots() = default;
    /// `memory`: zeroed, sizeFor(count) bytes.
    PluginSlots(void* memory, size_t count) : times_(static_cast<PluginTime*>(memory)), count_(count) {}
    static constexpr size_t sizeFor(size_t count) { return count * sizeof(PluginTime); }

    size_t count() const { return count_; }
    const PluginTime& of(size_t plugin) const { return times_[plugin]; }
    /// It had a request for so long. Nothing when there are no slots.
    void add(size_t plugin, uint64_t ns) {
        if (plugin < count_) times_[plugin].add({1, ns});
    }

 private:
    PluginTime* times_ = nullptr;
    size_t count_ = 0;
};

}  // namespace turnpike::ledger
