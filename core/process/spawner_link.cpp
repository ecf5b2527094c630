#include "process/spawner_link.h"

#include <csignal>
#include <cstring>

#include "base/clock.h"
#include "os/signals.h"
#include "os/socket.h"
#include "process/spawner.h"

namespace turnpike::process {
namespace {
constexpr uint64_t kDeathGraceMs = 10'000, kStopMs = 8'000;

Writer begin(Tell what, uint32_t generation) { return Writer().u32(static_cast<uint32_t>(what)).u32(generation); }
}  // namespace

SpawnerLink::SpawnerLink(Reactor& reactor, os::ErrorLog& log, SharedState& state)
    : reactor_(reactor), log_(log), state_(state) {}

SpawnerLink::~SpawnerLink() = default;

Result<bool> SpawnerLink::start() {
    auto ends = os::messagePair();
    if (!ends) return ends.error();
    pid_ = os::fork();
    if (pid_ == 0) runSpawner(std::move(ends->second));
    if (pid_ < 0) return Error{-pid_, std::string("cannot fork the spawner: ") + std::strerror(-pid_)};
    channel_ =
        std::make_unique<Channel>(reactor_, std::move(ends->first),
                                  [this](std::string_view message, std::vector<os::Fd>&) { onMessage(message); });
    return true;
}

/// Its end of the channel says when the master is gone; the death signal is for a spawner that hangs then.
void SpawnerLink::runSpawner(os::Fd channel) {
    pid_t master = os::parentPid();
    os::leaveSession();
    os::ignoreSignals({SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE});
    const int keep[] = {channel.get(), log_.fd()};
    os::closeOthers(keep, 2);
    log_.become("spawner");
    auto locked = os::lockDown();
    if (!locked) log_.write(TP_LOG_WARN, locked.error().text);
    if (os::endWithParent(master, kDeathGraceMs) < 0) os::exitNow(0);
    os::exitNow(Spawner(std::move(channel), state_.children(), log_).run());
}

void SpawnerLink::addGeneration(uint32_t number, const UserTable& table,
                                const std::vector<server::BackendSpec>& backends, Ready ready) {
    Generation& generation = generations_[number];
    generation.ready = std::move(ready);
    Writer users = begin(Tell::Users, number);
    write(users, table);
    generation.messages.push_back(users.bytes());
    for (size_t next = 0; next < table.users.sites.size();) {
        Writer some = begin(Tell::SiteUsers, number);
        next = writeSiteUsers(some, table.users.sites, next);
        generation.messages.push_back(some.bytes());
    }
    for (const server::BackendSpec& spec : backends) {
        if (spec.command.empty()) continue;
        Writer backend = begin(Tell::Backend, number);
        write(backend, spec);
        generation.messages.push_back(backend.bytes());
    }
    generation.messages.push_back(begin(Tell::Finish, number).bytes());
    if (!channel_) return;  // restart() sends them
    for (const std::string& message : generation.messages) channel_->send(message);
}

void SpawnerLink::forgetGeneration(uint32_t number) {
    if (generations_.erase(number) > 0 && channel_) channel_->send(begin(Tell::Forget, number).bytes());
}

void SpawnerLink::tellWorker(const Worker& worker, bool resumed) {
    channel_->send(begin(Tell::Worker, worker.generation).u32(resumed ? 1 : 0).bytes(), worker.channel.get());
}

void SpawnerLink::addWorker(pid_t pid, uint32_t generation, os::Fd channel) {
    Worker& worker = workers_[pid] = {generation, std::move(channel)};
    if (channel_) tellWorker(worker, false);
}

void SpawnerLink::forgetWorker(pid_t worker) { workers_.erase(worker); }

void SpawnerLink::openLog(const std::string& target, int32_t level) {
    log_message_ =
        Writer().u32(static_cast<uint32_t>(Tell::OpenLog)).text(target).u32(static_cast<uint32_t>(level)).bytes();
    if (channel_) channel_->send(log_message_);
}

void SpawnerLink::onMessage(std::string_view message) {
    if (message.empty()) return channel_.reset();  // its SIGCHLD follows
    Reader from(message);
    auto what = static_cast<Tell>(from.u32());
    if (what == Tell::Ready) onReady(from);
    if (what == Tell::Processes) onState(from);
}

void SpawnerLink::onReady(Reader& from) {
    uint32_t number = from.u32();
    Problems problems = from.texts(65536);
    auto generation = generations_.find(number);
    if (generation == generations_.end() || !generation->second.ready) return;
    auto ready = std::exchange(generation->second.ready, {});
    ready(problems);
}

void SpawnerLink::onState(Reader& from) {
    BackendState state;
    if (!read(from, state)) return;
    std::string folder = state.folder;
    state_.places().setRunning(folder, !state.pids.empty());
    states_[folder] = std::move(state);
}

bool SpawnerLink::onEnded(const os::Ended& ended) {
    if (ended.pid != pid_ || pid_ == 0) return false;
    pid_ = 0;
    channel_.reset();
    states_.clear();
    // The kernel ended the programs that it started, but not what these had started themselves.
    os::killSession(ended.pid);
    if (stopped_) {
        reactor_.cancel(timer_);
        stopped_();
        return true;
    }
    uint64_t pause = backoff_.onDeath(monotonicNs() / 1'000'000);
    log_.write(TP_LOG_ERROR, "the spawner (pid " + std::to_string(ended.pid) + ") died with " +
                                 os::describeStatus(ended.status) + ", a new one starts in " +
                                 std::to_string(pause) + " ms");
    timer_ = reactor_.after(pause, [this] { restart(); });
    return true;
}

void SpawnerLink::restart() {
    if (auto started = start(); !started) {
        log_.write(TP_LOG_ERROR, started.error().text);
        timer_ = reactor_.after(1000, [this] { restart(); });
        return;
    }
    if (!log_message_.empty()) channel_->send(log_message_);
    for (const auto& [number, generation] : generations_)
        for (const std::string& message : generation.messages) channel_->send(message);
    for (const auto& [pid, worker] : workers_) tellWorker(worker, true);
}

void SpawnerLink::stop(std::function<void()> ended) {
    reactor_.cancel(timer_);
    channel_.reset();
    if (pid_ == 0) return ended();
    stopped_ = std::move(ended);
    timer_ = reactor_.after(kStopMs, [this] { os::kill(pid_, SIGKILL); });
}

}  // namespace turnpike::process
