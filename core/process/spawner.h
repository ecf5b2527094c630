// spawner.h - the process that starts all others that are not Turnpike: programs that answer one request, and
// supervised backends. One thread, no plugin, no network. It keeps root when the server was started as root, since
// only root can become a site's user; therefore it trusts no message.
#pragma once
#include "ledger/shared.h"
#include "os/log.h"
#include "process/children.h"
#include "process/spawner_protocol.h"
#include "process/supervisor.h"

namespace turnpike::process {

class Spawner {
 public:
    /// `channel`: to the master; its end is the spawner's.
    Spawner(os::Fd channel, ledger::ChildrenSlot& slot, os::ErrorLog& log);
    /// Until the master is gone and every program has ended; the process's exit status.
    int run();

 private:
    void onSignal();
    void onMaster(std::string_view message, std::vector<os::Fd>& fds);
    void obey(Tell what, Reader& from, std::vector<os::Fd>& fds);
    void addGeneration(uint32_t generation, Reader& from);
    void addBackend(uint32_t generation, Reader& from);
    void finish(uint32_t generation);
    void forget(uint32_t generation);
    void shutDown();

    os::ErrorLog& log_;
    Reactor reactor_;
    os::Fd signals_;
    ControlGroups groups_;
    ProgramGroups program_groups_;
    Children children_;
    Supervisor supervisor_;
    std::map<uint32_t, Backend::Place> places_;
    std::unique_ptr<Channel> master_;
};

}  // namespace turnpike::process
