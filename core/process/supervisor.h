// supervisor.h - the backends that the server runs itself, by generation: one lives as long as a generation that
// names it. In the spawner; one thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "process/backend.h"

namespace turnpike::process {

class Supervisor {
 public:
    /// Called with the backend's folder whenever its processes change.
    using Changed = std::function<void(const std::string& folder, const Backend& backend)>;
    /// Called once, with what could not be started.
    using Ready = std::function<void(const std::vector<std::string>& problems)>;

    Supervisor(Reactor& reactor, os::ErrorLog& log, Changed changed);

    /// Starts `spec` for `generation`, or keeps it when it runs already.
    void add(uint32_t generation, const server::BackendSpec& spec, const Backend::Place& place);
    /// All of the generation were added: `ready` hears when workers can connect to each, at the latest after five
    /// seconds (with no problem: a slow start is not a failure).
    void finish(uint32_t generation, Ready ready);
    void forget(uint32_t generation);
    bool onEnded(const os::Ended& ended);
    /// Ends everything; `stopped` is called when nothing is left.
    void stopAll(std::function<void()> stopped);

 private:
    struct Group {
        std::set<std::string> folders;
        std::vector<std::string> problems;
        Ready ready;
        uint64_t asked = 0, timer = 0;
    };
    void check(uint32_t generation);
    void stopUnused();
    bool isUsed(const std::string& folder) const;
    void stop(const std::string& folder);

    Reactor& reactor_;
    os::ErrorLog& log_;
    Changed changed_;
    std::map<uint32_t, Group> groups_;
    std::map<std::string, std::unique_ptr<Backend>> backends_;  // by folder
    std::map<const Backend*, std::unique_ptr<Backend>> stopping_;
    std::function<void()> all_stopped_;
};

}  // namespace turnpike::process
