// backend.h - one supervised backend: its private folder, its socket, its processes, and their restarts. In the
// spawner; one thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/log.h"
#include "os/process.h"
#include "process/backoff.h"
#include "process/control_group.h"
#include "process/line_reader.h"
#include "server/worker.h"

namespace turnpike::process {

class Backend {
 public:
    /// What is the same for all backends of a generation.
    struct Place {
        std::string runtime_folder;
        gid_t workers_group = 0;
        std::optional<os::Identity> user;       // empty: the spawner's own
        const ControlGroups* groups = nullptr;  // null: the backend gets no group of its own
    };

    /// `changed` is called whenever a process starts or ends.
    Backend(Reactor& reactor, os::ErrorLog& log, server::BackendSpec spec, Place place,
            std::function<void()> changed);
    ~Backend();

    /// Makes the folder, the config file and the socket, and starts the processes.
    Result<bool> start();
    /// When that is someone else than before, the processes are ended and started again.
    void setUser(const std::optional<os::Identity>& user);
    /// False when the process is none of these.
    bool onEnded(const os::Ended& ended);
    /// SIGTERM, after five seconds SIGKILL. `stopped` is called when no process is left and the folder is gone,
    /// perhaps at once.
    void stop(std::function<void()> stopped);
    /// Another backend takes the folder over: what is left of this one, which was stopped, is killed.
    void giveWay();
    /// Whether workers can connect: the socket is there.
    bool isReachable() const;
    /// Processes died since start().
    uint64_t restarts() const { return restarts_; }
    std::vector<pid_t> processes() const;
    const server::BackendSpec& spec() const { return spec_; }
    const std::string& folder() const { return folder_; }

 private:
    struct Instance {
        pid_t pid = 0;
        uint64_t started_ns = 0, timer = 0;
        RestartBackoff backoff;
        std::unique_ptr<LineReader> output;
    };

    Result<bool> makeFolder();
    Result<bool> writeConfig();
    Result<bool> makeSocket();
    Result<bool> handFolderOver();
    void clearFolder();
    std::string replaced(std::string text) const;
    void launch(Instance& instance);
    os::Started run(int output);
    void restart(Instance& instance, const os::Ended& ended);
    void restartLater(Instance& instance, uint64_t lived_ms, const std::string& why);
    void finishStop();
    void say(int32_t level, const std::string& text);

    Reactor& reactor_;
    os::ErrorLog& log_;
    server::BackendSpec spec_;
    Place place_;
    std::function<void()> changed_, stopped_;
    std::string folder_, socket_path_;
    os::Fd socket_;
    ControlGroup group_;
    std::vector<Instance> instances_;
    uint64_t restarts_ = 0, stop_timer_ = 0;
    int removals_ = 0;  // of the group, tried
    bool stopping_ = false, owns_folder_ = true;
};

}  // namespace turnpike::process
