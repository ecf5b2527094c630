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
    if (what == Tell::Users) {
        addGeneration(generation, from);
    } else if (what == Tell::SiteUsers) {
        if (Users* users = children_.users(generation)) readSiteUsers(from, users->sites);
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

void Spawner::addGeneration(uint32_t generation, Reader& from) {
    UserTable table;
    if (!read(from, table)) return;
    program_groups_.setRuntimeFolder(generation, table.runtime_folder);
    places_[generation] = {table.runtime_folder, table.workers_group, {}, &groups_};
    children_.setUsers(generation, std::move(table.users));
}

void Spawner::addBackend(uint32_t generation, Reader& from) {
    server::BackendSpec spec;
    const Users* users = children_.users(generation);
    if (!read(from, spec)) return;
    // Never as root because somebody else is not known.
    if (users == nullptr || (users->change && spec.site >= users->sites.size())) {
        log_.write(TP_LOG_ERROR, "backend " + spec.name + " is not started: the user of its site is not known");
        return;
    }
    Backend::Place place = places_[generation];
    if (users->change) place.user = users->sites[spec.site];
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
    places_.erase(generation);
}

/// Nobody is left to work for. Also when the master was killed: its end of the channel is closed either way.
void Spawner::shutDown() {
    master_.reset();
    children_.end();
    supervisor_.stopAll([this] { program_groups_.removeAll([this] { reactor_.stop(); }); });
}

}  // namespace turnpike::process
