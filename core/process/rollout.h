// rollout.h - from a config that was read to a generation that serves: users, listening sockets, plugins tried
// out, backends, workers. The first thing that fails ends it, and leaves nothing behind. In the master.
#pragma once
#include <functional>
#include <memory>

#include "process/generation.h"
#include "process/probe.h"

namespace turnpike::process {

class Rollout {
 public:
    /// Called once: with problems, or with the serving generation.
    using Done = std::function<void(Problems, std::unique_ptr<Generation>)>;

    Rollout(MasterParts parts, ListeningSockets& sockets) : parts_(parts), sockets_(sockets) {}
    ~Rollout();

    void start(uint32_t number, std::shared_ptr<const config::Snapshot> snapshot, Done done);
    bool onEnded(const os::Ended& ended);
    /// Ends it where it stands; workers that serve already have `limit_ms` to finish. `gone` is called when no
    /// process of it is left; done() is not called.
    void abort(uint64_t limit_ms, std::function<void()> gone);
    /// To the workers that have started by now.
    void order(server::Order order) {
        if (generation_) generation_->order(order);
    }

 private:
    Problems prepare();
    void findUsers(Problems& problems);
    void openSockets(Problems& problems);
    void onProbed(Probe::Found found);
    Problems takeBackends(std::vector<server::BackendSpec> backends);
    Problems takeShared(const std::vector<server::SharedSpec>& specs);
    void onBackends(const Problems& problems);
    void onStarted(const std::string& failure);
    void fail(Problems problems);
    void release();

    MasterParts parts_;
    ListeningSockets& sockets_;
    Plan plan_;
    Done done_;
    std::unique_ptr<Probe> probe_;
    std::unique_ptr<Generation> generation_;
    Problems problems_;
};

}  // namespace turnpike::process
