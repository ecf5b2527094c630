// control_group.h - the cgroup of one supervised backend, or of programs that answer one request each: its limits,
// and telling when they were met. In the spawner; one thread.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "os/fd.h"
#include "process/control_groups.h"
#include "process/reactor.h"
#include "server/worker.h"

namespace turnpike::process {

class ControlGroup {
 public:
    using Say = std::function<void(const std::string&)>;

    /// `say`: for warnings.
    ControlGroup(Reactor& reactor, Say say) : reactor_(reactor), say_(std::move(say)) {}
    ControlGroup(const ControlGroup&) = delete;
    ControlGroup& operator=(const ControlGroup&) = delete;
    ~ControlGroup();

    /// Makes it and sets what `limits` ask for. What cannot be done is warned of if a limit needs it; everything
    /// works without the group.
    void open(const ControlGroups& groups, const std::string& name, const server::ControlGroupLimits& limits);
    /// For os::Program; -1: there is no group.
    int entrance() const { return entrance_.get(); }
    /// A process could not enter it; `error` is an errno. Only the first is told.
    void warnOutside(int error);
    /// It holds as many processes as it may. The kernel refuses those that start inside, but nobody who enters,
    /// and each program enters (cgroup-v2.rst, "PID").
    bool isFull() const;
    /// False: something is left in it, which is killed where `kills` says so; try again.
    bool remove(bool kills);

 private:
    /// A limit that the kernel knows, and how it tells that it was met.
    struct Kind {
        const char *key, *controller, *file, *events, *counter, *effect;
    };
    /// One that is in force. `count`: what it has stopped so far.
    struct Limit {
        const Kind& kind;
        uint64_t value, count = 0, timer = 0;
        os::Fd events;
    };
    static const Kind kMemory, kProcesses;

    Result<bool> enter(const ControlGroups& groups, const std::string& name);
    Result<bool> set(const ControlGroups& groups, const Kind& kind, uint64_t value);
    void watch(Limit& limit);
    void onNews(Limit& limit);
    void tell(Limit& limit);
    void close();

    Reactor& reactor_;
    Say say_;
    std::string folder_;
    os::Fd entrance_, processes_;  // cgroup.procs; pids.current where they are limited
    uint64_t most_processes_ = 0;
    bool is_asked_ = false;  // a limit needs it
    bool is_told_ = false;   // that a process runs outside
    std::vector<std::unique_ptr<Limit>> limits_;
};

}  // namespace turnpike::process
