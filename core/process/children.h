// children.h - the spawner's programs: those that answer one request each. Knows which worker asked for which,
// kills them when told to, when the worker is gone, or at the end. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "ledger/shared.h"
#include "os/log.h"
#include "os/process.h"
#include "process/channel.h"
#include "process/program_groups.h"
#include "process/spawn_protocol.h"

namespace turnpike::process {

/// Whose programs a generation's sites run; by index of the site. Empty `sites` with change false: the server's
/// own user runs everything, since only root can do otherwise.
struct Users {
    bool change = false;
    std::vector<os::Identity> sites;
};

class Children {
 public:
    /// One worker holds at most this many programs at once.
    static constexpr size_t kMostPerWorker = 1024;

    Children(Reactor& reactor, os::ErrorLog& log, ledger::ChildrenSlot& slot, ProgramGroups& groups);
    ~Children();

    void setUsers(uint32_t generation, Users users) { users_[generation] = std::move(users); }
    void forgetUsers(uint32_t generation) { users_.erase(generation); }
    /// Null: there is no such generation.
    Users* users(uint32_t generation);
    /// `resumed`: the worker was served by a spawner that has died.
    void addWorker(os::Fd channel, uint32_t generation, bool resumed);
    /// False when the process is none of these.
    bool onEnded(const os::Ended& ended);
    /// All are killed, and no other is started.
    void end();
    size_t running() const { return children_.size(); }

 private:
    struct Worker {
        uint64_t number;
        uint32_t generation;
        bool resumed;  // and not told yet what it has lost
        std::unique_ptr<Channel> channel;
        std::map<uint64_t, pid_t> children;  // by the worker's own id
    };
    struct Child {
        uint64_t worker, id;
        uint64_t kill_timer = 0;
    };

    void onMessage(uint64_t worker, std::string_view message, std::vector<os::Fd>& fds);
    void onGone(uint64_t worker);
    void spawn(Worker& worker, const Request& request, const std::vector<os::Fd>& fds);
    int start(const Worker& worker, const Request& request, const std::vector<os::Fd>& fds, pid_t* pid);
    void kill(pid_t pid, uint64_t grace_ms);
    void sweepGroup(pid_t pid, uint64_t kill_timer);
    /// May be the worker's end.
    void answer(Worker& worker, const Answer& answer);

    Reactor& reactor_;
    os::ErrorLog& log_;
    ledger::ChildrenSlot& slot_;
    ProgramGroups& groups_;
    std::map<uint32_t, Users> users_;
    std::map<uint64_t, Worker> workers_;
    std::unordered_map<pid_t, Child> children_;
    uint64_t next_worker_ = 1;
};

}  // namespace turnpike::process
