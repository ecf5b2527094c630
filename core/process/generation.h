// generation.h - one config and the workers that serve it, from their start to the end of their last request. In
// the master.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "process/backoff.h"
#include "process/channel.h"
#include "process/listening.h"
#include "process/options.h"
#include "process/shared_state.h"
#include "process/spawner_link.h"

namespace turnpike::process {

/// What every generation uses.
struct MasterParts {
    Reactor& reactor;
    os::ErrorLog& log;
    SharedState& state;
    SpawnerLink& spawner;
    const MasterOptions& options;
};

/// What makes up a generation, before it has workers.
struct Plan {
    uint32_t number = 0;
    std::shared_ptr<const config::Snapshot> snapshot;
    std::optional<os::Identity> worker_user;  // empty: the master's own
    UserTable users;
    std::vector<std::shared_ptr<ListeningSocket>> sockets;
    Permission permission;  // of the unix ones
    std::vector<server::BackendSpec> backends;
    std::vector<uint32_t> accounts;
    std::vector<server::SharedUse> shared;
};

class Generation {
 public:
    enum class State { Starting, Serving, Draining };
    struct Worker {
        pid_t pid = 0;
        uint32_t index = 0, seat = 0;
        uint64_t started_ns = 0;
        bool ready = false, closed = false;
        uint32_t reopening = 0;  // orders to open the logs anew that it has not done yet
        std::string failure;     // what it said before it gave up
        std::unique_ptr<Channel> channel;
        os::SharedMemory memory;
        ledger::SiteSlots sites;  // both in it
        ledger::PluginSlots plugins;
    };
    /// Called once: every worker is ready, or (a reason) the first one failed before that.
    using Started = std::function<void(const std::string& failure)>;

    Generation(MasterParts parts, Plan plan);
    ~Generation();

    void start(Started started);
    /// Workers finish what they have. Past `limit_ms` (0: at once) they are told to stop, a second later they are
    /// killed. `empty` is called when the last one has ended, perhaps at once.
    void drain(uint64_t limit_ms, std::function<void()> empty);
    void order(server::Order order);
    /// Whether a worker has logs to open anew.
    bool isReopening() const;
    /// Of a draining generation: `closed` is called once no worker of it accepts connections any more, perhaps at
    /// once.
    void whenClosed(std::function<void()> closed);
    /// False when the process is none of its workers. A serving generation replaces the dead worker.
    bool onEnded(const os::Ended& ended);

    const Plan& plan() const { return plan_; }
    /// In the order in which workers count them.
    const std::vector<std::string>& pluginNames() const { return plugin_names_; }
    State state() const { return state_; }
    const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
    uint64_t deaths() const { return deaths_; }

 private:
    bool startWorker(uint32_t index);
    void startWorkerLater(uint32_t index, uint64_t ms);
    bool giveMemory(Worker& worker) const;
    [[noreturn]] void runWorker(const Worker& worker, os::Fd channel, os::Fd spawner);
    void dropPrivileges(int channel) const;
    void onReport(uint32_t seat, std::string_view message);
    void onDeath(const Worker& worker, const os::Ended& ended);
    void stop();
    void finishStart(const std::string& failure);
    void tellClosed();
    void setTimer(uint64_t ms, std::function<void()> fired);
    std::string describe(const Worker& worker) const;

    MasterParts parts_;
    Plan plan_;
    const std::vector<std::string> plugin_names_;
    State state_ = State::Starting;
    std::vector<std::unique_ptr<Worker>> workers_;
    CrashBackoff backoff_;
    Started started_;
    std::function<void()> empty_, closed_;
    uint64_t timer_ = 0, deaths_ = 0;
    std::vector<uint64_t> restarts_;  // timers of workers that are to be started again
};

}  // namespace turnpike::process
