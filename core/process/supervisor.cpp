#include "process/supervisor.h"

#include "server/backend_path.h"

namespace turnpike::process {
namespace {
constexpr uint64_t kLookMs = 20, kMostLooks = 250;
}

Supervisor::Supervisor(Reactor& reactor, os::ErrorLog& log, Changed changed)
    : reactor_(reactor), log_(log), changed_(std::move(changed)) {}

void Supervisor::add(uint32_t generation, const server::BackendSpec& spec, const Backend::Place& place) {
    std::string folder = server::backendFolder(spec, place.runtime_folder);
    Group& group = groups_[generation];
    group.folders.insert(folder);
    if (auto known = backends_.find(folder); known != backends_.end()) {
        known->second->setUser(place.user);
        return;
    }
    for (const auto& [key, old] : stopping_)
        if (old->folder() == folder) old->giveWay();
    auto backend = std::make_unique<Backend>(reactor_, log_, spec, place, [this, folder] {
        if (auto found = backends_.find(folder); found != backends_.end()) changed_(folder, *found->second);
    });
    Backend& started = *(backends_[folder] = std::move(backend));
    if (auto result = started.start(); !result) {
        group.problems.push_back(result.error().text);
        backends_.erase(folder);
    }
}

void Supervisor::finish(uint32_t generation, Ready ready) {
    groups_[generation].ready = std::move(ready);
    check(generation);
}

void Supervisor::check(uint32_t generation) {
    Group& group = groups_.at(generation);
    group.timer = 0;
    bool reachable = true;
    for (const std::string& folder : group.folders)
        if (auto found = backends_.find(folder); found != backends_.end())
            reachable &= found->second->isReachable();
    if (reachable || !group.problems.empty() || ++group.asked >= kMostLooks) return group.ready(group.problems);
    group.timer = reactor_.after(kLookMs, [this, generation] { check(generation); });
}

void Supervisor::forget(uint32_t generation) {
    auto found = groups_.find(generation);
    if (found == groups_.end()) return;
    reactor_.cancel(found->second.timer);
    groups_.erase(found);
    stopUnused();
}

bool Supervisor::isUsed(const std::string& folder) const {
    for (const auto& [generation, group] : groups_)
        if (group.folders.contains(folder)) return true;
    return false;
}

void Supervisor::stopUnused() {
    std::vector<std::string> unused;
    for (const auto& [folder, backend] : backends_)
        if (!isUsed(folder)) unused.push_back(folder);
    for (const std::string& folder : unused) stop(folder);
}

void Supervisor::stop(const std::string& folder) {
    auto node = backends_.extract(folder);
    Backend* backend = node.mapped().get();
    stopping_[backend] = std::move(node.mapped());
    backend->stop([this, backend] {
        // Not now: the backend is still on the call stack.
        reactor_.after(0, [this, backend] {
            stopping_.erase(backend);
            if (all_stopped_ && stopping_.empty()) all_stopped_();
        });
    });
}

bool Supervisor::onEnded(const os::Ended& ended) {
    for (const auto& [folder, backend] : backends_)
        if (backend->onEnded(ended)) return true;
    for (const auto& [key, backend] : stopping_)
        if (backend->onEnded(ended)) return true;
    return false;
}

void Supervisor::stopAll(std::function<void()> stopped) {
    all_stopped_ = std::move(stopped);
    for (auto& [generation, group] : groups_) reactor_.cancel(group.timer);
    groups_.clear();
    stopUnused();
    if (stopping_.empty()) all_stopped_();
}

}  // namespace turnpike::process
