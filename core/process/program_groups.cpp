#include "process/program_groups.h"

#include <utility>

#include "server/backend_path.h"

namespace turnpike::process {
namespace {
// A program whose worker is gone has a second to end (children.cpp), and one that was killed is gone at once.
// Others stay as long as they like.
constexpr uint64_t kGraceMs = 1500, kKilledMs = 50, kLookMs = 5000;
constexpr int kMostKills = 20;
}  // namespace

ProgramGroups::~ProgramGroups() {
    for (auto& [name, group] : made_) reactor_.cancel(group.timer);
}

ControlGroup* ProgramGroups::find(uint32_t generation, const std::string& site,
                                  const server::ControlGroupLimits& limits) {
    if (!limits.any()) return nullptr;
    const std::string name = server::programGroup(folders_[generation], site, limits);
    if (made_.size() >= kMost && !made_.contains(name)) {
        if (!std::exchange(is_full_, true))
            log_.write(TP_LOG_ERROR, "limits of a cgroup do not hold for more programs: there are " +
                                         std::to_string(kMost) + " groups of programs");
        return nullptr;
    }
    if (made_.size() < kMost) is_full_ = false;
    Group& group = made_[name];
    group.users.insert(generation);
    reactor_.cancel(std::exchange(group.timer, 0));
    // After a try to remove it, what is left of it is closed.
    if (group.group == nullptr || std::exchange(group.removals, 0) > 0) group.group = make(name, site, limits);
    return group.group.get();
}

std::unique_ptr<ControlGroup> ProgramGroups::make(const std::string& name, const std::string& site,
                                                  const server::ControlGroupLimits& limits) {
    auto group = std::make_unique<ControlGroup>(reactor_, [this, site](const std::string& text) {
        log_.write(TP_LOG_WARN, "programs of site " + site + ": " + text);
    });
    group->open(groups_, name, limits);
    return group;
}

void ProgramGroups::forget(uint32_t generation) {
    folders_.erase(generation);
    for (auto& [name, group] : made_)
        if (group.users.erase(generation) > 0 && group.users.empty()) removeLater(name, kGraceMs);
}

void ProgramGroups::removeLater(const std::string& name, uint64_t ms) {
    Group& group = made_.at(name);
    reactor_.cancel(group.timer);
    group.timer = reactor_.after(ms, [this, name] { remove(name); });
}

void ProgramGroups::remove(const std::string& name) {
    Group& group = made_.at(name);
    if (!group.group->remove(is_ending_) && (++group.removals < kMostKills || !is_ending_))
        return removeLater(name, is_ending_ ? kKilledMs : kLookMs);
    made_.erase(name);
    if (removed_ && made_.empty()) std::exchange(removed_, {})();
}

void ProgramGroups::removeAll(std::function<void()> removed) {
    if (made_.empty()) return removed();
    removed_ = std::move(removed);
    is_ending_ = true;
    for (auto& [name, group] : made_) {
        group.removals = 0;
        removeLater(name, 0);
    }
}

}  // namespace turnpike::process
