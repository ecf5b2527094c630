#include "process/children.h"

#include <csignal>
#include <cstring>

namespace turnpike::process {
namespace {
constexpr uint64_t kOrphanGraceMs = 1000;
/// Answers that a worker has not read; past it the worker hangs or means harm.
constexpr size_t kMostWaiting = 4 * Children::kMostPerWorker;

std::string_view bytesOf(const Answer& answer) { return {reinterpret_cast<const char*>(&answer), sizeof answer}; }

/// execve(2) fails with EAGAIN only where the user that was changed to has more processes than RLIMIT_NPROC.
std::string whyNot(const os::Program& program, const os::Started& started) {
    if (started.error == EAGAIN && started.step == std::string_view("execve"))
        return "its user has as many processes and threads as the limit `processes` allows (" +
               std::to_string(program.limits.processes) + ")";
    return std::string(started.step) + ": " + std::strerror(started.error);
}
}  // namespace

Children::Children(Reactor& reactor, os::ErrorLog& log, ledger::ChildrenSlot& slot, ProgramGroups& groups)
    : reactor_(reactor), log_(log), slot_(slot), groups_(groups) {}

Children::~Children() = default;

Users* Children::users(uint32_t generation) {
    auto found = users_.find(generation);
    return found == users_.end() ? nullptr : &found->second;
}

void Children::addWorker(os::Fd channel, uint32_t generation, bool resumed) {
    uint64_t number = next_worker_++;
    Worker& worker = workers_[number];
    worker.number = number;
    worker.generation = generation;
    worker.resumed = resumed;
    worker.channel = std::make_unique<Channel>(
        reactor_, std::move(channel),
        [this, number](std::string_view message, std::vector<os::Fd>& fds) { onMessage(number, message, fds); });
    if (resumed) answer(worker, Answer{Answer::Replaced, 0, 0, 0, 0, 0, 0});
}

void Children::onMessage(uint64_t number, std::string_view message, std::vector<os::Fd>& fds) {
    if (message.empty()) return onGone(number);
    Worker& worker = workers_.at(number);
    Request request;
    const char* wrong = decode(message, request);
    if (wrong == nullptr && request.ask == Ask::Spawn && fds.size() != 3) wrong = "not three descriptors";
    if (wrong != nullptr) {
        log_.write(TP_LOG_ERROR, std::string("a worker sent a request that is refused: ") + wrong);
        return answer(worker, Answer{Answer::Ended, -1, EINVAL, 0, request.id, 0, 0});
    }
    if (worker.resumed && request.ask != Ask::Kill) {
        worker.resumed = false;
        answer(worker, Answer{Answer::Lost, -1, ECONNRESET, 0, request.id, 0, 0});
    }
    if (request.ask == Ask::Spawn) return spawn(worker, request, fds);
    if (request.ask == Ask::Mark) return;
    auto child = worker.children.find(request.id);
    if (child != worker.children.end()) kill(child->second, request.grace_ms);
}

/// Its programs have nobody to write to any more.
void Children::onGone(uint64_t number) {
    for (const auto& [id, pid] : workers_.at(number).children) kill(pid, kOrphanGraceMs);
    workers_.erase(number);
}

void Children::spawn(Worker& worker, const Request& request, const std::vector<os::Fd>& fds) {
    pid_t pid = -1;
    int error = start(worker, request, fds, &pid);
    if (error != 0) {
        slot_.failed.fetch_add(1, std::memory_order_relaxed);
        return answer(worker, Answer{Answer::Ended, -1, error, 0, request.id, 0, 0});
    }
    slot_.started.fetch_add(1, std::memory_order_relaxed);
    worker.children[request.id] = pid;
    children_[pid] = {worker.number, request.id};
}

int Children::start(const Worker& worker, const Request& request, const std::vector<os::Fd>& fds, pid_t* pid) {
    if (worker.children.size() >= kMostPerWorker || worker.children.contains(request.id)) return EAGAIN;
    const Users* users = this->users(worker.generation);
    if (users == nullptr || (users->change && request.site >= users->sites.size())) return EPERM;
    ControlGroup* group = groups_.find(worker.generation, request.site_name, request.group_limits);
    if (group != nullptr && group->isFull()) {
        log_.write(TP_LOG_WARN, std::string("cannot start ") + request.argv[0] + ": the programs of site " +
                                    request.site_name +
                                    " are as many processes and threads as `cgroup_processes` "
                                    "allows (" +
                                    std::to_string(request.group_limits.processes) + ")");
        return EAGAIN;
    }
    os::Program program;
    program.argv = request.argv.data();
    program.env = request.env.data();
    program.directory = request.directory;
    program.stdin_fd = fds[0].get();
    program.stdout_fd = fds[1].get();
    program.stderr_fd = fds[2].get();
    program.identity = users->change ? &users->sites[request.site] : nullptr;
    program.limits = request.limits;
    program.parent_death_signal = SIGKILL;
    program.group_fd = group == nullptr ? -1 : group->entrance();
    os::Started started = os::start(program);
    *pid = started.pid;
    if (group != nullptr && started.group_error != 0) group->warnOutside(started.group_error);
    if (started.error != 0)
        log_.write(TP_LOG_WARN, std::string("cannot start ") + program.argv[0] + ": " + whyNot(program, started));
    return started.error;
}

bool Children::onEnded(const os::Ended& ended) {
    auto found = children_.find(ended.pid);
    if (found == children_.end()) return false;
    Child child = found->second;
    children_.erase(found);
    slot_.cpu_us.fetch_add(ended.cpu_us, std::memory_order_relaxed);
    slot_.ended.fetch_add(1, std::memory_order_relaxed);
    sweepGroup(ended.pid, child.kill_timer);
    auto worker = workers_.find(child.worker);
    if (worker != workers_.end()) {
        worker->second.children.erase(child.id);
        answer(worker->second,
               Answer{Answer::Ended, ended.status, 0, 0, child.id, ended.cpu_us, ended.max_rss_kib});
    }
    return true;
}

/// What a program left behind in its group ends with it; who wants to stay leaves the group.
void Children::sweepGroup(pid_t pid, uint64_t kill_timer) {
    bool empty = os::killGroup(pid, SIGTERM) == -ESRCH;
    if (empty && kill_timer != 0) reactor_.cancel(kill_timer);
    if (!empty && kill_timer == 0) reactor_.after(kOrphanGraceMs, [pid] { os::killGroup(pid, SIGKILL); });
}

void Children::kill(pid_t pid, uint64_t grace_ms) {
    Child& child = children_.at(pid);
    if (grace_ms == 0) {
        os::killAll(pid, SIGKILL);
    } else if (child.kill_timer == 0) {
        os::killAll(pid, SIGTERM);
        child.kill_timer = reactor_.after(grace_ms, [this, pid] {
            // Reaped meanwhile, its id may be somebody else's by now; the group's is not while one is left in it.
            children_.contains(pid) ? os::killAll(pid, SIGKILL) : os::killGroup(pid, SIGKILL);
        });
    }
}

void Children::end() {
    users_.clear();
    for (const auto& [pid, child] : children_) os::killAll(pid, SIGKILL);
}

void Children::answer(Worker& worker, const Answer& answer) {
    worker.channel->send(std::string(bytesOf(answer)));
    if (worker.channel->waiting() <= kMostWaiting) return;
    log_.write(TP_LOG_ERROR, "a worker reads no answers: its programs are ended");
    onGone(worker.number);
}

}  // namespace turnpike::process
