// The master's generations: how one follows the other. At most one reload runs and one waits; the next begins when
// the generation before the serving one has ended, so there are never workers of three.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "process/master.h"
#include "process/status.h"

namespace turnpike::process {

void Master::reload() {
    if (stopping_) return;
    if (rollout_ || !retired_.empty()) {
        reload_wanted_ = true;
        return;
    }
    reload_wanted_ = false;
    waiting_ = std::move(next_waiting_);
    next_waiting_.clear();
    notifier_.reloading();
    std::shared_ptr<const config::Snapshot> snapshot;
    Problems problems = options_.load(options_.config_path, &snapshot);
    if (!problems.empty()) return finishReload(problems);
    guardKeys(*snapshot);
    // Before the new workers start, who could make neither below /var.
    auto made = makeFolders(snapshot->server);
    if (made) made = makeLogs(*snapshot);
    if (!made) return finishReload({made.error().text});
    rollOut(std::move(snapshot));
}

void Master::rollOut(std::shared_ptr<const config::Snapshot> snapshot) {
    MasterParts parts{reactor_, log_, *state_, *spawner_, options_};
    rollout_ = std::make_unique<Rollout>(parts, sockets_);
    rollout_->start(next_generation_++, std::move(snapshot),
                    [this](Problems problems, std::unique_ptr<Generation> generation) {
                        // Deferred: the rollout and its generation are on the call stack.
                        auto kept = std::make_shared<std::unique_ptr<Generation>>(std::move(generation));
                        reactor_.after(0, [this, kept, problems = std::move(problems)] {
                            onRolledOut(problems, std::move(*kept));
                        });
                    });
}

void Master::onRolledOut(const Problems& problems, std::unique_ptr<Generation> generation) {
    rollout_.reset();
    if (stopping_) {
        if (generation) retire(std::move(generation));
        return stopIfEmpty();
    }
    if (generation) onServing(std::move(generation));
    if (!current_) {  // the first generation did not come up
        for (const std::string& problem : problems) {
            log_.write(TP_LOG_ERROR, problem);
            if (log_.fd() != 2) std::fprintf(stderr, "turnpike: %s\n", problem.c_str());
        }
        exit_status_ = 1;
        return stop(0);
    }
    finishReload(problems);
}

void Master::onServing(std::unique_ptr<Generation> generation) {
    std::unique_ptr<Generation> before = std::exchange(current_, std::move(generation));
    warnOfFixedKeys(current_->plan().snapshot->server);
    if (before) ++reloads_;
    config_ = current_->plan().snapshot;
    deferAccept();
    warnOfInherited();
    auto opened = log_.open(config_->server.error_log, config_->server.log_level);
    if (!opened) log_.write(TP_LOG_ERROR, opened.error().text);
    spawner_->openLog(config_->server.error_log, config_->server.log_level);
    if (before) retire(std::move(before));
}

/// Once the generation serves: a reload that fails changes nothing, and its sockets are those of the one before.
void Master::deferAccept() {
    for (const auto& socket : current_->plan().sockets)
        if (int set = socket->defer(config_->server.defer_accept_ms); set < 0)
            log_.write(TP_LOG_ERROR, "[server] defer_accept on " + socket->address.text() + ": " +
                                         std::strerror(-set) + "; connections are accepted at once");
}

/// Once no other generation accepts: it might believe (`trusted_proxies`) whom this one lets in.
void Master::permitListening() {
    if (!current_) return;  // it has been told to stop meanwhile
    for (const auto& socket : current_->plan().sockets)
        if (int set = socket->permit(current_->plan().permission); set < 0)
            log_.write(TP_LOG_ERROR, "[server] listen_mode or listen_group on " + socket->address.text() +
                                         " cannot be set: " + std::strerror(-set));
}

void Master::warnOfInherited() {
    for (const std::string& address : sockets_.unused())
        log_.write(TP_LOG_WARN, "systemd passed a socket for " + address +
                                    " which no listen names: who connects there is not answered");
    if (!config_->server.trusted.contains("unix:")) return;
    for (const auto& socket : current_->plan().sockets)
        if (socket->isForEverybody())
            log_.write(TP_LOG_WARN,
                       "[server] trusted_proxies: \"unix\" is everybody on this machine, who may connect to " +
                           socket->address.text() + ": set SocketMode= and SocketGroup= of its unit");
}

void Master::finishReload(const Problems& problems) {
    std::string status = "generation " + std::to_string(current_->plan().number) + " serves with " +
                         std::to_string(config_->server.workers) + " workers";
    for (const std::string& problem : problems) log_.write(TP_LOG_ERROR, "reload: " + problem);
    if (!problems.empty()) {
        ++failed_reloads_;
        last_problem_ = problems.front();
        status = "reload failed, " + status + ": " + last_problem_;
    }
    log_.write(TP_LOG_INFO, status);
    notifier_.ready(status);
    // Who asked finds the new generation behind every connection that it makes from now on.
    auto answer = [this, replies = std::exchange(waiting_, {}),
                   json = reloadJson(current_->plan().number, problems)] {
        permitListening();
        for (const auto& reply : replies) reply(json);
    };
    if (retired_.empty())
        answer();
    else
        retired_.back()->whenClosed(answer);
    if (reload_wanted_) reload();
}

void Master::retire(std::unique_ptr<Generation> generation) {
    Generation* old = generation.get();
    retired_.push_back(std::move(generation));
    uint64_t limit = stopping_ ? 0 : old->plan().snapshot->server.limits.drain_ms;
    old->drain(limit, [this, old] { removeRetired(old); });
}

/// Deferred: the generation is on the call stack.
void Master::removeRetired(const Generation* generation) {
    reactor_.after(0, [this, generation] {
        auto same = [generation](const auto& g) { return g.get() == generation; };
        if (std::none_of(retired_.begin(), retired_.end(), same)) return;
        past_deaths_ += generation->deaths();
        spawner_->forgetGeneration(generation->plan().number);
        state_->places().forget(generation->plan().number);
        std::erase_if(retired_, same);
        if (reload_wanted_ && !stopping_) reload();
        stopIfEmpty();
    });
}

void Master::warnOfFixedKeys(const config::Server& next) {
    const config::Server& now = config_->server;
    if (now.control_socket != next.control_socket || now.purge_socket != next.purge_socket ||
        now.pid_file != next.pid_file)
        log_.write(
            TP_LOG_WARN,
            "[server] control_socket, purge_socket and pid_file change with the next start, not with a reload");
}

}  // namespace turnpike::process
