// master.h - the process that owns the listening sockets and supervises the others. Parses no HTTP, loads no
// plugin; one thread. Signals: HUP reloads; TERM drains for up to limits.drain_ms; QUIT and INT drain for two
// seconds at most, and so does a second TERM; USR1 reopens the logs.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "process/control.h"
#include "process/generation.h"
#include "process/notify.h"
#include "process/rollout.h"
#include "process/ticket_rotation.h"

namespace turnpike::process {

class Master {
 public:
    explicit Master(MasterOptions options);
    ~Master();

    /// Serves until told to stop; the process's exit status. What keeps it from starting goes to stderr.
    int run();

 private:
    using Waiters = std::vector<ControlServer::Reply>;

    Result<bool> setUp();
    static Result<bool> makeLogs(const config::Snapshot& config);
    /// To whom logs and spool files belong; none: to this process.
    static std::optional<os::Identity> fileOwner(const config::Server& server);
    static Result<bool> makeFolders(const config::Server& server);
    void guardKeys(const config::Snapshot& snapshot);
    void writePidFile();
    void cleanUp();
    void onSignal();
    void reapAll();
    Result<bool> openSockets();
    void onVerb(const std::string& verb, const std::string& line, const ControlServer::Reply& reply);
    std::string purge(const std::string& line, bool is_owner) const;

    void reload();
    void rollOut(std::shared_ptr<const config::Snapshot> snapshot);
    void onRolledOut(const Problems& problems, std::unique_ptr<Generation> generation);
    void onServing(std::unique_ptr<Generation> generation);
    void deferAccept();
    void permitListening();
    void warnOfInherited();
    void finishReload(const Problems& problems);
    void retire(std::unique_ptr<Generation> generation);
    void removeRetired(const Generation* generation);
    void warnOfFixedKeys(const config::Server& next);

    void stop(uint64_t limit_ms);
    void stopIfEmpty();
    void reopenLogs();
    bool areLogsOpen() const;
    void rotateLogs();
    void rotateLogsLater();
    std::string statusJson() const;

    MasterOptions options_;
    os::ErrorLog log_;
    Reactor reactor_;
    Notifier notifier_;
    os::Fd signals_;
    std::optional<SharedState> state_;
    std::optional<TicketRotation> tickets_;
    std::unique_ptr<SpawnerLink> spawner_;
    ListeningSockets sockets_;
    std::unique_ptr<ControlServer> control_, purging_;
    std::shared_ptr<const config::Snapshot> config_;  // of the serving generation, or of the one to come
    std::unique_ptr<Rollout> rollout_;
    std::unique_ptr<Generation> current_;
    std::vector<std::unique_ptr<Generation>> retired_;
    uint32_t next_generation_ = 1;
    bool stopping_ = false, emptied_ = false, reload_wanted_ = false;
    std::string pid_file_;  // that this process wrote
    int exit_status_ = 0;
    uint64_t started_ns_ = 0, reloads_ = 0, failed_reloads_ = 0, past_deaths_ = 0;
    std::string last_problem_;
    std::set<std::string> unrotated_;  // logs that could not be renamed
    Waiters waiting_, next_waiting_;   // of the reload that runs, of the one that follows
};

}  // namespace turnpike::process
