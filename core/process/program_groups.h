// program_groups.h - the cgroups of programs that answer one request each: one for all programs of a site that are
// started with the same limits. Made when the first of them starts, and kept while a generation lives that has
// used it, since making one for each request would cost more than most programs do. In the spawner; one thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "os/log.h"
#include "process/control_group.h"

namespace turnpike::process {

class ProgramGroups {
 public:
    /// Of all generations together. More is no config but a worker that asks for whatever it likes.
    static constexpr size_t kMost = 1024;

    ProgramGroups(Reactor& reactor, os::ErrorLog& log, const ControlGroups& groups)
        : reactor_(reactor), log_(log), groups_(groups) {}
    ~ProgramGroups();
    ProgramGroups(const ProgramGroups&) = delete;
    ProgramGroups& operator=(const ProgramGroups&) = delete;

    /// Servers that share a group tell theirs apart by it. Before find() for the generation.
    void setRuntimeFolder(uint32_t generation, const std::string& folder) { folders_[generation] = folder; }
    /// Null: no limit is asked for, or there are too many groups, which is warned of. Good until the generation is
    /// forgotten.
    ControlGroup* find(uint32_t generation, const std::string& site, const server::ControlGroupLimits& limits);
    /// No program of the generation is started any more. Groups that nobody else uses go when nothing runs in
    /// them: what a program has left behind on purpose outlives a reload.
    void forget(uint32_t generation);
    /// The end: what still runs in them is killed. `removed` is called when all are gone, or will not go. No
    /// find() comes after it.
    void removeAll(std::function<void()> removed);

 private:
    struct Group {
        std::unique_ptr<ControlGroup> group;
        std::set<uint32_t> users;  // generations
        uint64_t timer = 0;        // nobody uses it: when it is removed
        int removals = 0;          // tried since it was used last
    };
    std::unique_ptr<ControlGroup> make(const std::string& name, const std::string& site,
                                       const server::ControlGroupLimits& limits);
    void removeLater(const std::string& name, uint64_t ms);
    void remove(const std::string& name);

    Reactor& reactor_;
    os::ErrorLog& log_;
    const ControlGroups& groups_;
    std::map<uint32_t, std::string> folders_;
    std::map<std::string, Group> made_;  // by name
    std::function<void()> removed_;
    bool is_ending_ = false;  // removeAll()
    bool is_full_ = false;    // and that was told
};

}  // namespace turnpike::process
