#include "measure/experiment/server_bench.h"

#include <algorithm>

#include "base/clock.h"
#include "measure/experiment/clients.h"

namespace turnpike::measure {
namespace {

constexpr unsigned kConnections = 8;   // of a saturating load
constexpr unsigned kSlowClients = 32;  // that wait for themselves most of the time

unsigned connectionsOf(const Plan& plan) {
    if (plan.cell.load == LoadKind::Single) return 1;
    const bool is_slow = plan.behaviour == Behaviour::Slow || plan.behaviour == Behaviour::Split;
    return is_slow ? kSlowClients : kConnections;
}

uint64_t callsOf(const Window& window, ledger::Class of) {
    return window.crossings.of[static_cast<size_t>(of)].calls;
}

/// What experiments note besides, in sums over the window.
std::map<std::string, double> extraOf(const Plan& plan, const Window& window) {
    using ledger::Class;
    auto number = [](uint64_t n) { return static_cast<double>(n); };
    std::map<std::string, double> extra = {{"connections", number(window.outcome.connects)},
                                           {"generator_share", window.outcome.generatorShare()},
                                           {"run_queue_share", window.run_queue_share}};
    if (plan.cell.experiment != "E3") return extra;
    // Of a client the server makes one call that sends for each answer and one that closes, all others read.
    const uint64_t client = callsOf(window, Class::Client), others = window.requests + window.accepted;
    extra["accepts"] = number(callsOf(window, Class::Listen));
    extra["wakeups"] = number(callsOf(window, Class::Event));
    extra["client_reads"] = number(client > others ? client - others : 0);
    extra["client_eagain"] = number(window.crossings.of[static_cast<size_t>(Class::Client)].errors);
    return extra;
}

Trial trialOf(const Plan& plan, Window window) {
    Trial trial;
    trial.extra = extraOf(plan, window);
    trial.requests = window.outcome.requests;
    trial.elapsed_ns = window.outcome.elapsed_ns;
    trial.crossings = window.crossings;
    trial.engine_ns = window.engine_ns.value_or(0);
    trial.generator_ns = window.outcome.cpu_ns;
    constexpr uint32_t kBackends = kResponder | kPhpFpm | kPhpCgi | kEmbeddedPhp;
    const bool has_backend = (plan.needs & kBackends) != 0 || window.backend_ns.value_or(0) > 0;
    if (has_backend) trial.backend_ns = window.backend_ns;
    if ((plan.needs & kMariaDb) != 0) trial.database_ns = window.database_ns;
    trial.received = window.outcome.received;
    trial.steal_share = window.steal_share;
    trial.foreign_share = window.foreign_share;
    trial.latency_ns = std::move(window.outcome.latency_ns);
    return trial;
}

LoadOutcome runPlan(const Plan& plan, const Load& load) {
    return plan.behaviour == Behaviour::Browser ? runLoad(load) : runClients(plan.behaviour, load);
}

}  // namespace

Load ServerBench::loadOf(const Plan& plan) {
    Load load;
    load.address = serverOf(plan).address();
    load.host = host();
    load.paths = plan.paths;
    load.keep_alive = plan.keep_alive;
    load.connections = connectionsOf(plan);
    load.duration_ms = pace_.window_ms;
    return load;
}

void ServerBench::warmUp(const Plan& plan) {
    Load load = loadOf(plan);
    load.duration_ms = std::min(pace_.warm_up_ms, pace_.window_ms);
    if (plan.behaviour == Behaviour::Browser && pace_.warm_up_ms > load.duration_ms)
        load.warm_up_ms = pace_.warm_up_ms;
    const LoadOutcome outcome = runPlan(plan, load);
    rates_[plan.cell.key] = outcome.perSecond(outcome.requests);
}

Result<Trial> ServerBench::measure(const Plan& plan) {
    Load load = loadOf(plan);
    const double least = rates_[plan.cell.key] * static_cast<double>(pace_.least_window_ms) / 1000;
    load.most_requests = std::max(pace_.least_requests, static_cast<uint64_t>(least));
    const int64_t started = unixMs();
    const Server& server = serverOf(plan);
    Sources sources;
    sources.status = [&] { return server.status(); };
    sources.machine = [&](pid_t master) { return readMachine(master, databasePid()); };
    sources.load = [&](const Load& with) { return runPlan(plan, with); };
    sources.has_requests = plan.behaviour != Behaviour::Abandoned;
    auto window = measureWindow(sources, load);
    if (!window) return Error{window.error().code, plan.cell.key + ": " + window.error().text};
    std::vector<std::string> rejected = judge(plan, *window);
    Trial trial = trialOf(plan, std::move(*window));
    trial.rejected = std::move(rejected);
    trial.started_unix_ms = started;
    return trial;
}

}  // namespace turnpike::measure
