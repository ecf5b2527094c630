#include "process/generation.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/clock.h"
#include "config/plugin_names.h"
#include "os/signals.h"
#include "process/child_client.h"

namespace turnpike::process {
namespace {
constexpr uint64_t kStartMs = 60'000, kKillAfterStopMs = 1'000, kForkAgainMs = 1'000, kDeathGraceMs = 2'000;

std::string seconds(uint64_t ns) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ns) / 1e9);
    return text;
}
}  // namespace

Generation::Generation(MasterParts parts, Plan plan)
    : parts_(parts), plan_(std::move(plan)), plugin_names_(config::pluginNames(*plan_.snapshot)) {}

Generation::~Generation() {
    parts_.reactor.cancel(timer_);
    for (uint64_t timer : restarts_) parts_.reactor.cancel(timer);
}

void Generation::setTimer(uint64_t ms, std::function<void()> fired) {
    parts_.reactor.cancel(timer_);
    timer_ = parts_.reactor.after(ms, std::move(fired));
}

std::string Generation::describe(const Worker& worker) const {
    return "worker " + std::to_string(worker.index) + " (pid " + std::to_string(worker.pid) + ", generation " +
           std::to_string(plan_.number) + ")";
}

void Generation::start(Started started) {
    started_ = std::move(started);
    setTimer(kStartMs, [this] { finishStart("the workers were not ready within a minute"); });
    for (uint32_t i = 0; i < plan_.snapshot->server.workers; ++i)
        if (!startWorker(i))
            return finishStart("cannot start worker " + std::to_string(i) + ": see the error log");
}

void Generation::finishStart(const std::string& failure) {
    if (!started_) return;
    parts_.reactor.cancel(timer_);
    if (failure.empty()) {
        state_ = State::Serving;
        parts_.state.places().resize(plan_.accounts, plan_.backends);
    }
    auto started = std::move(started_);
    started_ = {};
    started(failure);
}

/// What it counts by site and by plugin.
bool Generation::giveMemory(Worker& worker) const {
    const size_t sites = plan_.snapshot->sites.size(), plugins = plugin_names_.size();
    const size_t sites_size = ledger::SiteSlots::sizeFor(sites);
    auto memory =
        os::SharedMemory::create(std::max(sites_size + ledger::PluginSlots::sizeFor(plugins), size_t{1}));
    if (!memory) return false;
    worker.memory = std::move(*memory);
    worker.sites = {worker.memory.data(), sites};
    worker.plugins = {static_cast<char*>(worker.memory.data()) + sites_size, plugins};
    return true;
}

bool Generation::startWorker(uint32_t index) {
    auto seat = parts_.state.takeSeat();
    auto channel = os::messagePair(), spawner = os::messagePair();
    auto worker = std::make_unique<Worker>();
    pid_t pid = -EMFILE;
    if (seat && channel && spawner && giveMemory(*worker)) {
        worker->index = index;
        worker->seat = *seat;
        pid = os::fork();
        if (pid == 0) runWorker(*worker, std::move(channel->second), std::move(spawner->first));
    }
    if (pid < 0) {
        if (seat) parts_.state.leaveSeat(*seat);
        std::string why = seat ? std::strerror(-pid) : "too many workers";
        parts_.log.write(TP_LOG_ERROR, "cannot start worker " + std::to_string(index) + ": " + why);
        return false;
    }
    worker->pid = pid;
    worker->started_ns = monotonicNs();
    worker->channel = std::make_unique<Channel>(
        parts_.reactor, std::move(channel->first),
        [this, s = *seat](std::string_view message, std::vector<os::Fd>&) { onReport(s, message); });
    parts_.spawner.addWorker(pid, plan_.number, std::move(spawner->second));
    workers_.push_back(std::move(worker));
    return true;
}

void Generation::startWorkerLater(uint32_t index, uint64_t ms) {
    restarts_.push_back(parts_.reactor.after(ms, [this, index] {
        if (!startWorker(index)) startWorkerLater(index, kForkAgainMs);
    }));
}

/// In the worker: what is not its own goes, then its privileges, then it serves.
void Generation::runWorker(const Worker& worker, os::Fd channel, os::Fd spawner) {
    pid_t master = os::parentPid();
    os::leaveGroup();
    os::ignoreSignals({SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE});
    std::vector<int> keep{channel.get(), spawner.get()};
    for (const auto& socket : plan_.sockets) keep.push_back(socket->fd.get());
    for (uint32_t i = 0; i < parts_.state.places().seats(); ++i) keep.push_back(parts_.state.places().waker(i));
    os::closeOthers(keep.data(), keep.size());
    dropPrivileges(channel.get());
    if (os::endWithParent(master, plan_.snapshot->server.limits.drain_ms + kDeathGraceMs) < 0) os::exitNow(0);
    ledger::WorkerSlot& slot = parts_.state.slot(worker.seat);
    slot.pid = os::ownPid();
    slot.generation = plan_.number;
    ChildClient children(std::move(spawner));
    PlaceClient places(parts_.state.places(), worker.seat, plan_.accounts);
    server::WorkerSetup setup;
    setup.snapshot = plan_.snapshot;
    // One socket for each `listen`, in its order.
    for (size_t i = 0; i < plan_.sockets.size(); ++i)
        setup.listeners.push_back(
            {plan_.sockets[i]->fd.get(), plan_.sockets[i]->address, plan_.snapshot->server.listen[i].tls});
    setup.tickets = &parts_.state.tickets();
    setup.channel = channel.release();
    setup.index = worker.index;
    setup.slot = &slot;
    setup.sites = worker.sites;
    setup.plugins = worker.plugins;
    setup.children = &children;
    setup.places = &places;
    setup.backends = &plan_.backends;
    setup.shared = &plan_.shared;
    os::exitNow(parts_.options.run_worker(setup));
}

void Generation::dropPrivileges(int channel) const {
    Result<bool> dropped = plan_.worker_user ? os::assume(*plan_.worker_user) : true;
    if (dropped) dropped = os::lockDown();
    if (dropped) return;
    std::string report = "fcannot give up privileges: " + dropped.error().text;
    os::sendMessage(channel, report.data(), report.size(), nullptr, 0, os::Class::Event);
    os::exitNow(1);
}

void Generation::onReport(uint32_t seat, std::string_view message) {
    auto found = std::find_if(workers_.begin(), workers_.end(), [seat](const auto& w) { return w->seat == seat; });
    if (found == workers_.end() || message.empty()) return;  // gone: its SIGCHLD tells more
    Worker& worker = **found;
    if (message.front() == static_cast<char>(server::Report::Failed)) {
        worker.failure = message.substr(1);
        parts_.log.write(TP_LOG_ERROR, describe(worker) + " failed: " + worker.failure);
        return;
    }
    if (message.front() == static_cast<char>(server::Report::Closed)) {
        worker.closed = true;
        return tellClosed();
    }
    if (message.front() == static_cast<char>(server::Report::LogsOpen)) {
        if (worker.reopening > 0) --worker.reopening;
        return;
    }
    worker.ready = true;
    auto ready = std::count_if(workers_.begin(), workers_.end(), [](const auto& w) { return w->ready; });
    if (static_cast<uint64_t>(ready) == plan_.snapshot->server.workers) finishStart("");
}

bool Generation::onEnded(const os::Ended& ended) {
    auto found =
        std::find_if(workers_.begin(), workers_.end(), [&](const auto& w) { return w->pid == ended.pid; });
    if (found == workers_.end()) return false;
    (*found)->channel->receiveArrived();  // why it failed, perhaps
    std::unique_ptr<Worker> worker = std::move(*found);
    workers_.erase(found);
    parts_.spawner.forgetWorker(worker->pid);
    parts_.state.leaveSeat(worker->seat);
    addSites(parts_.state.goneSites(), plan_.snapshot->sites, worker->sites);
    addPlugins(parts_.state.gonePlugins(), plugin_names_, worker->plugins);
    onDeath(*worker, ended);
    return true;
}

void Generation::onDeath(const Worker& worker, const os::Ended& ended) {
    std::string text = describe(worker) + " ended with " + os::describeStatus(ended.status) + " after " +
                       seconds(monotonicNs() - worker.started_ns);
    bool expected = state_ == State::Draining && ended.status == 0;
    if (!expected) ++deaths_;
    if (state_ == State::Draining) {
        parts_.log.write(expected ? TP_LOG_DEBUG : TP_LOG_WARN, text);
        tellClosed();
        if (workers_.empty() && empty_) std::exchange(empty_, {})();
        return;
    }
    if (state_ == State::Starting) return finishStart(worker.failure.empty() ? text : worker.failure);
    uint64_t pause = backoff_.onDeath(monotonicNs() / 1'000'000);
    parts_.log.write(TP_LOG_ERROR,
                     text + (pause == 0 ? ", replaced" : ", replaced in " + std::to_string(pause) + " ms"));
    if (pause > 0 || !startWorker(worker.index)) startWorkerLater(worker.index, std::max(pause, uint64_t{1}));
}

void Generation::whenClosed(std::function<void()> closed) {
    closed_ = std::move(closed);
    tellClosed();
}

void Generation::tellClosed() {
    bool open = std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return !worker->closed; });
    if (!open && closed_) std::exchange(closed_, {})();
}

void Generation::order(server::Order order) {
    for (const auto& worker : workers_) {
        worker->channel->send(std::string(1, static_cast<char>(order)));
        if (order == server::Order::ReopenLogs) ++worker->reopening;
    }
}

bool Generation::isReopening() const {
    return std::any_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->reopening > 0; });
}

void Generation::drain(uint64_t limit_ms, std::function<void()> empty) {
    state_ = State::Draining;
    started_ = {};
    plan_.sockets.clear();  // it starts no worker any more
    for (uint64_t timer : restarts_) parts_.reactor.cancel(timer);
    if (workers_.empty()) return empty();
    empty_ = std::move(empty);
    if (limit_ms == 0) return stop();
    order(server::Order::Drain);
    setTimer(limit_ms, [this] { stop(); });
}

void Generation::stop() {
    order(server::Order::Stop);
    setTimer(kKillAfterStopMs, [this] {
        for (const auto& worker : workers_) os::kill(worker->pid, SIGKILL);
    });
}

}  // namespace turnpike::process
