// places.h - what one worker has open to one backend. Each of these holds one of the backend's places, which all
// workers share. Loop thread only.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sdk/gateway/services.h"

namespace turnpike::gateway {

/// `Unit`: a connection, or several that share a place.
template <class Unit>
class Places {
 public:
    /// `services` outlives it.
    Places(const Services& services, tp_worker* worker, tp_backend* handle)
        : services_(services), worker_(worker), handle_(handle) {}
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;

    /// changed(self) is called when a place is free, or another worker waits for one.
    void onChange(void (*changed)(void*), void* self) {
        services_.backends->on_place(handle_, worker_, changed, self);
    }
    /// Another worker has more right to a place.
    bool isWanted() const { return services_.backends->wanted(handle_, worker_) == 1; }
    /// None of the backend's processes lives: no connection that is not broken was ever taken.
    bool isDown() const { return services_.backends->running(handle_, worker_) == 0; }

    /// A place for add(), if there is one.
    bool acquire() { return services_.backends->acquire(handle_, worker_) == 1; }
    /// A descriptor for the place that was acquired, as Services::connect() has it; or -errno, and the place is
    /// given back.
    int32_t connect(tp_request* payer, const std::string& address, int32_t* done, tp_tls* how = nullptr) {
        const int32_t fd = services_.connect(payer, address, how, done);
        if (fd < 0) services_.backends->release(handle_, worker_);
        return fd;
    }
    Unit& add(std::unique_ptr<Unit> unit) {
        all_.push_back(std::move(unit));
        return *all_.back();
    }
    /// Gives its place back.
    std::unique_ptr<Unit> remove(Unit& unit) {
        wake(unit);
        auto at = std::find_if(all_.begin(), all_.end(), [&](const auto& owned) { return owned.get() == &unit; });
        std::unique_ptr<Unit> removed = std::move(*at);
        all_.erase(at);
        services_.backends->release(handle_, worker_);
        return removed;
    }
    const std::vector<std::unique_ptr<Unit>>& all() const { return all_; }

    /// It has no request.
    void rest(Unit& unit) { idle_.push_back(&unit); }
    /// It is meant for a request, or for none any more.
    void wake(Unit& unit) { std::erase(idle_, &unit); }
    bool hasIdle() const { return !idle_.empty(); }
    Unit& usedLast() const { return *idle_.back(); }
    Unit& idleLongest() const { return *idle_.front(); }
    size_t busy() const { return all_.size() - idle_.size(); }

 private:
    const Services& services_;
    tp_worker* worker_;
    tp_backend* handle_;
    std::vector<std::unique_ptr<Unit>> all_;
    std::vector<Unit*> idle_;  // the one used last is at the end
};

}  // namespace turnpike::gateway
