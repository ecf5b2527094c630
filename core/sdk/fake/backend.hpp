// backend.hpp - the fake host's turnpike.backend/1: places in memory, addresses as the plugin or the test gives
// them, no supervision. take() and give() play the other workers.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../services.h"
#include "check.hpp"
#include "loop.hpp"
#include "setup.hpp"

namespace turnpike::fake {

/// What a plugin declared, and who holds its places.
struct Backend {
    std::string name, address, directory, config_text;
    std::vector<std::string> command, env;
    uint32_t count = 0, instances = 0;
    bool listens_itself = false;
    uint64_t memory_bytes = 0, file_bytes = 0, open_files = 0, processes = 0;
    uint64_t cgroup_memory_bytes = 0, cgroup_processes = 0;
    uint32_t held = 0, held_by_others = 0;
    bool wanted = false, refused = false, runs = true;
    void (*changed)(void*) = nullptr;
    void* changed_arg = nullptr;
};

class Backends {
 public:
    explicit Backends(Loop& loop) : current_(this), loop_(loop) {}

    /// Where a backend that is declared with a command listens in this test. Set before load().
    void addressOf(const std::string& name, std::string address) { addresses_[name] = std::move(address); }
    const Backend& declared(size_t n) const { return *all_.at(n); }
    size_t size() const { return all_.size(); }
    /// Other workers take and give back places.
    void take(size_t n, uint32_t places) { all_.at(n)->held_by_others += places; }
    void give(size_t n, uint32_t places) {
        all_.at(n)->held_by_others -= places;
        tell(*all_.at(n));
    }
    /// The processes of a supervised backend have ended, or live again.
    void run(size_t n, bool runs) { all_.at(n)->runs = runs; }
    /// Another worker waits for a place.
    void want(size_t n, bool wanted) {
        all_.at(n)->wanted = wanted;
        if (wanted) call(*all_.at(n));
    }

    static const tp_backend_service* table() {
        static const tp_backend_service functions = {
            sizeof(tp_backend_service), 0, declare, address, acquire, release, wanted, onPlace, running};
        return &functions;
    }

 private:
    static Backend& of(const tp_backend* handle) {
        return *const_cast<Backend*>(reinterpret_cast<const Backend*>(handle));
    }
    static std::vector<std::string> copy(const tp_str* items, size_t count) {
        std::vector<std::string> copied;
        for (size_t i = 0; i < count; ++i) copied.emplace_back(items[i].ptr, items[i].len);
        return copied;
    }
    static tp_backend* declare(tp_setup* setup, const tp_backend_spec* spec) {
        setupOnly("declare");
        if (spec->struct_size < sizeof *spec) die("declare(): struct_size of the tp_backend_spec is not set");
        Backends& all = Current<Backends>::get();
        auto backend = std::make_unique<Backend>();
        backend->name = text(spec->name);
        backend->address = text(spec->address);
        backend->directory = text(spec->directory);
        backend->config_text = text(spec->config_text);
        backend->command = copy(spec->command, spec->argc);
        backend->env = copy(spec->env, spec->envc);
        backend->count = spec->count;
        backend->instances = spec->instances;
        backend->listens_itself = spec->listens_itself != 0;
        backend->memory_bytes = spec->memory_bytes;
        backend->file_bytes = spec->file_bytes;
        backend->open_files = spec->open_files;
        backend->processes = spec->processes;
        backend->cgroup_memory_bytes = spec->cgroup_memory_bytes;
        backend->cgroup_processes = spec->cgroup_processes;
        auto given = all.addresses_.find(backend->name);
        if (given != all.addresses_.end()) backend->address = given->second;
        auto same = [&](auto& other) { return other->name == backend->name; };
        if (backend->count == 0 || std::any_of(all.all_.begin(), all.all_.end(), same)) {
            reinterpret_cast<Setup*>(setup)->problems.push_back(backend->name + ": no places, or declared twice");
            return nullptr;
        }
        all.all_.push_back(std::move(backend));
        return reinterpret_cast<tp_backend*>(all.all_.back().get());
    }
    static tp_str address(const tp_backend* handle) { return str(of(handle).address); }
    static int32_t acquire(tp_backend* handle, tp_worker*) {
        loopOnly("acquire");
        Backend& backend = of(handle);
        backend.refused = backend.held + backend.held_by_others >= backend.count;
        if (backend.refused) return 0;
        ++backend.held;
        return 1;
    }
    static void release(tp_backend* handle, tp_worker*) {
        loopOnly("release");
        Backend& backend = of(handle);
        if (backend.held == 0) die("release() of a place that is not held");
        --backend.held;
        Current<Backends>::get().tell(backend);
    }
    static int32_t wanted(tp_backend* handle, tp_worker*) {
        loopOnly("wanted");
        return of(handle).wanted && of(handle).held > 0 ? 1 : 0;
    }
    static void onPlace(tp_backend* handle, tp_worker*, void (*changed)(void*), void* arg) {
        loopOnly("on_place");
        of(handle).changed = changed;
        of(handle).changed_arg = arg;
    }
    static int32_t running(const tp_backend* handle, tp_worker*) {
        loopOnly("running");
        return of(handle).runs ? 1 : 0;
    }
    /// A place is free: who was refused hears of it once.
    void tell(Backend& backend) {
        if (std::exchange(backend.refused, false)) call(backend);
    }
    void call(Backend& backend) {
        loop_.post([&backend] {
            if (backend.changed != nullptr) backend.changed(backend.changed_arg);
        });
    }

    Current<Backends> current_;
    Loop& loop_;
    std::map<std::string, std::string> addresses_;
    std::vector<std::unique_ptr<Backend>> all_;
};

}  // namespace turnpike::fake
