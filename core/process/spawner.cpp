#include "process/spawner.h"

#include <csignal>
#include <vector>

#include "os/signals.h"

namespace turnpike::process {

Spawner::Spawner(os::Fd channel, ledger::ChildrenSlot& slot, os::ErrorLog& log)
    : log_(log),
      groups_(os::parentPid()),
      program_groups_(reactor_, log, groups_),
      children_(reactor_, log, slot, program_groups_),
      supervisor_(reactor_, log, [this](const std::string& folder, const Backend& backend) {
          BackendState state{folder, backend.spec().name, backend.restarts(), {}};
          for (pid_t pid : backend.processes()) state.pids.push_back(static_cast<uint32_t>(pid));
          Writer to;
          write(to.u32(static_cast<uint32_t>(Tell::Processes)), state);
          if (master_) master_->send(to.bytes());
      }) {
    master_ = std::make_unique<Channel>(
        reactor_, std::move(channel),
        [this](std::string_view message, std::vector<os::Fd>& fds) { onMaster(message, fds); });
}

int Spawner::run() {
    auto signals = os::watchSignals({SIGCHLD});
    if (!signals) {
        log_.write(TP_LOG_ERROR, signals.error().text);
        return 1;
    }
    signals_ = std::move(*signals);
    reactor_.watch(signals_.get(), os::kReadable, [this](uint32_t) { onSignal(); });
    reactor_.run();
    return 0;
}

void Spawner::onSignal() {
    os::nextSignal(signals_.get());
    // Whoever is told may run at once on this processor, so everything else comes first.
    std::vector<os::Ended> all;
    for (os::Ended ended; os::reap(&ended) > 0;) all.push_back(ended);
    for (const os::Ended& ended : all)
        if (!children_.onEnded(ended)) supervisor_.onEnded(ended);
}

void Spawner::onMaster(std::string_view message, std::vector<os::Fd>& fds) {
    if (message.empty()) return shutDown();
    Reader from(message);
    auto what = static_cast<Tell>(from.u32());
    obey(what, from, fds);
    if (!from.atEnd()) log_.write(TP_LOG_ERROR, "the master sent a message that cannot be read");
}

void Spawner::obey(Tell what, Reader& from, std::vector<os::Fd>& fds) {
    if (what == Tell::OpenLog) {
        std::string target(from.text());
        auto opened = log_.open(target, static_cast<int32_t>(from.u32()));
        if (!opened) log_.write(TP_LOG_ERROR, opened.error().text);
        return;
    }
    uint32_t generation = from.u32();
    if (what == Tell::Users && read(from, tables_[generation] = {})) {
        children_.setUsers(generation, tables_[generation].users);
        program_groups_.setRuntimeFolder(generation, tables_[generation].runtime_folder);
    } else if (what == Tell::Worker) {
        bool resumed = from.u32() != 0;
        if (fds.size() == 1) children_.addWorker(std::move(fds.front()), generation, resumed);
    } else if (what == Tell::Backend) {
        addBackend(generation, from);
    } else if (what == Tell::Finish) {
        finish(generation);
    } else if (what == Tell::Forget) {
        forget(generation);
    }
}

void Spawner::addBackend(uint32_t generation, Reader& from) {
    server::BackendSpec spec;
    const UserTable& table = tables_[generation];
    const Users& users = table.users;
    if (!read(from, spec) || (users.change && spec.site >= users.sites.size())) return;
    Backend::Place place{table.runtime_folder, table.workers_group, {}, &groups_};
    if (users.change) place.user = users.sites[spec.site];
    supervisor_.add(generation, spec, place);
}

void Spawner::finish(uint32_t generation) {
    supervisor_.finish(generation, [this, generation](const std::vector<std::string>& problems) {
        Writer to;
        to.u32(static_cast<uint32_t>(Tell::Ready)).u32(generation).texts(problems);
        master_->send(to.bytes());
    });
}

void Spawner::forget(uint32_t generation) {
    supervisor_.forget(generation);
    children_.forgetUsers(generation);
    program_groups_.forget(generation);
    tables_.erase(generation);
}

/// Nobody is left to work for. Also when the master was killed: its end of the channel is closed either way.
void Spawner::shutDown() {
    master_.reset();
    children_.end();
    supervisor_.stopAll([this] { program_groups_.removeAll([this] { reactor_.stop(); }); });
}

}  // namespace turnpike::process
