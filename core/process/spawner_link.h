// spawner_link.h - the master's side of the spawner: starts it, keeps it going, and tells it about generations,
// workers and backends. A spawner that dies is replaced, and the new one is told everything again; workers keep
// the channels that they have, since the master holds the other ends.
#pragma once
#include <functional>
#include <map>
#include <memory>

#include "os/log.h"
#include "process/backoff.h"
#include "process/channel.h"
#include "process/options.h"
#include "process/shared_state.h"
#include "process/spawner_protocol.h"

namespace turnpike::process {

class SpawnerLink {
 public:
    using Ready = std::function<void(const Problems&)>;

    SpawnerLink(Reactor& reactor, os::ErrorLog& log, SharedState& state);
    ~SpawnerLink();

    Result<bool> start();
    /// Backends of the generation are started, or kept. `ready` is called once, unless forgetGeneration() comes
    /// first.
    void addGeneration(uint32_t number, const UserTable& table, const std::vector<server::BackendSpec>& backends,
                       Ready ready);
    void forgetGeneration(uint32_t number);
    /// `channel`: the spawner's end of the worker's channel.
    void addWorker(pid_t worker, uint32_t generation, os::Fd channel);
    void forgetWorker(pid_t worker);
    void openLog(const std::string& target, int32_t level);
    /// The spawner ends every program, then itself; `ended` is called afterwards.
    void stop(std::function<void()> ended);
    /// False when the process is not the spawner.
    bool onEnded(const os::Ended& ended);

    pid_t pid() const { return pid_; }
    /// By folder, as reported last.
    const std::map<std::string, BackendState>& backends() const { return states_; }

 private:
    struct Generation {
        std::vector<std::string> messages;
        Ready ready;
    };
    struct Worker {
        uint32_t generation;
        os::Fd channel;
    };
    void onMessage(std::string_view message);
    void onReady(Reader& from);
    void onState(Reader& from);
    void restart();
    void tellWorker(const Worker& worker, bool resumed);
    [[noreturn]] void runSpawner(os::Fd channel);

    Reactor& reactor_;
    os::ErrorLog& log_;
    SharedState& state_;
    pid_t pid_ = 0;
    std::unique_ptr<Channel> channel_;
    std::map<uint32_t, Generation> generations_;
    std::map<pid_t, Worker> workers_;
    std::map<std::string, BackendState> states_;
    std::string log_message_;
    CrashBackoff backoff_;
    uint64_t timer_ = 0;
    std::function<void()> stopped_;
};

}  // namespace turnpike::process
