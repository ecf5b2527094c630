// shared.hpp - the fake host's turnpike.shared/1: memory with locks, shared with processes that the test forks.
// The test plays the other workers, and `turnpike purge`.
#pragma once
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "../services.h"
#include "check.hpp"
#include "setup.hpp"

namespace turnpike::fake {

/// What a plugin declared.
struct SharedMemory {
    std::string name, token;
    uint64_t size = 0;
    uint32_t locks = 0;
    bool on_disk = false;
    void* memory = nullptr;
    pthread_mutex_t* mutexes = nullptr;
    size_t mutexes_size = 0;
    std::vector<std::string> notices, counters;

    SharedMemory() = default;
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory() {
        ::munmap(memory, size);
        ::munmap(mutexes, mutexes_size);
    }
};

class Shareds {
 public:
    Shareds() : current_(this) {}

    SharedMemory& declared(size_t n) { return *all_.at(n); }
    size_t size() const { return all_.size(); }
    /// What `turnpike status` would show of the first memory; -1: there is no such counter.
    int64_t counter(const std::string& name) const {
        const SharedMemory& first = *all_.at(0);
        for (size_t i = 0; i < first.counters.size(); ++i)
            if (first.counters[i] == name) return static_cast<const int64_t*>(first.memory)[i];
        return -1;
    }
    /// From outside, as `turnpike purge` does, to all of it.
    void tell(const std::string& text) {
        for (auto& shared : all_) shared->notices.push_back(text);
    }

    static const tp_shared_service* table() {
        static const tp_shared_service functions = {
            sizeof(tp_shared_service), 0, declare, memory, lock, unlock, notices, notice};
        return &functions;
    }

 private:
    static SharedMemory& of(const tp_shared* handle) {
        return *const_cast<SharedMemory*>(reinterpret_cast<const SharedMemory*>(handle));
    }
    static void* map(size_t size) {
        void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) die("no memory to be shared");
        return memory;
    }
    static tp_shared* declare(tp_setup* setup, const tp_shared_spec* spec) {
        setupOnly("declare");
        if (spec->struct_size < sizeof *spec) die("declare(): struct_size of the tp_shared_spec is not set");
        auto& all = Current<Shareds>::get().all_;
        const auto is_same = [&](auto& known) { return known->name == text(spec->name); };
        if (spec->size == 0 || spec->name.len == 0 || std::any_of(all.begin(), all.end(), is_same)) {
            reinterpret_cast<Setup*>(setup)->problems.push_back("shared memory without a size, or declared twice");
            return nullptr;
        }
        auto shared = std::make_unique<SharedMemory>();
        shared->name = text(spec->name);
        shared->token = text(spec->token);
        shared->size = spec->size;
        shared->locks = spec->locks;
        shared->on_disk = spec->on_disk != 0;
        for (size_t i = 0; i < spec->counter_count; ++i) shared->counters.emplace_back(text(spec->counters[i]));
        shared->memory = map(spec->size);
        shared->mutexes_size = sizeof(pthread_mutex_t) * (spec->locks + size_t{1});
        shared->mutexes = static_cast<pthread_mutex_t*>(map(shared->mutexes_size));
        pthread_mutexattr_t kind;
        pthread_mutexattr_init(&kind);
        pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
        for (uint32_t i = 0; i < spec->locks; ++i) pthread_mutex_init(&shared->mutexes[i], &kind);
        pthread_mutexattr_destroy(&kind);
        all.push_back(std::move(shared));
        return reinterpret_cast<tp_shared*>(all.back().get());
    }
    static void* memory(tp_shared* handle) {
        if (Threads::in_setup) die("memory() is [loop]: it was called inside configure()");
        return of(handle).memory;
    }
    static int32_t lock(tp_shared* handle, uint32_t number, uint64_t wait_ms) {
        loopOnly("lock");
        SharedMemory& shared = of(handle);
        if (number >= shared.locks) die("lock(): there is no lock " + std::to_string(number));
        timespec until{};
        ::clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += static_cast<time_t>(wait_ms / 1000);
        until.tv_nsec += static_cast<long>(wait_ms % 1000) * 1'000'000;
        if (until.tv_nsec >= 1'000'000'000) ++until.tv_sec, until.tv_nsec -= 1'000'000'000;
        int result = pthread_mutex_trylock(&shared.mutexes[number]);
        if (result == EBUSY) result = pthread_mutex_clocklock(&shared.mutexes[number], CLOCK_MONOTONIC, &until);
        if (result == 0) return 0;
        if (result != EOWNERDEAD) return -ETIMEDOUT;
        pthread_mutex_consistent(&shared.mutexes[number]);
        return 1;
    }
    static void unlock(tp_shared* handle, uint32_t number) {
        loopOnly("unlock");
        if (pthread_mutex_unlock(&of(handle).mutexes[number]) != 0) die("unlock() of a lock that is not held");
    }
    static uint64_t notices(const tp_shared* handle) { return of(handle).notices.size(); }
    static int32_t notice(const tp_shared* handle, uint64_t number, char* to, size_t size) {
        const auto& all = of(handle).notices;
        if (number == 0 || number > all.size() || number + 1024 <= all.size()) return -ENOENT;
        const std::string& told = all[number - 1];
        if (told.size() > size) return -EMSGSIZE;
        told.copy(to, size);
        return static_cast<int32_t>(told.size());
    }

    Current<Shareds> current_;
    std::vector<std::unique_ptr<SharedMemory>> all_;
};

}  // namespace turnpike::fake
