#include "measure/experiment/bed_bench.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.h"
#include "measure/experiment/clients.h"
#include "measure/experiment/fetch.h"
#include "measure/experiment/judge.h"

namespace turnpike::measure {
namespace {

constexpr unsigned kConnections = 8;   // of a saturating load
constexpr unsigned kSlowClients = 32;  // that wait for themselves most of the time
constexpr int kReadyTries = 200;       // of 50 ms: a backend may need a moment to start

Result<Answer> fetchWhenReady(const os::Address& address, const std::string& path) {
    auto answer = fetch(address, path);
    for (int i = 0; i < kReadyTries && !answer; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        answer = fetch(address, path);
    }
    return answer;
}

unsigned connectionsOf(const Plan& plan) {
    if (plan.cell.load == LoadKind::Single) return 1;
    const bool is_slow = plan.behaviour == Behaviour::Slow || plan.behaviour == Behaviour::Split;
    return is_slow ? kSlowClients : kConnections;
}

uint64_t callsOf(const Window& window, ledger::Class of) { return window.crossings.of[static_cast<size_t>(of)].calls; }

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
    trial.rejected = whyRejected(plan, window);
    trial.extra = extraOf(plan, window);
    trial.requests = window.outcome.requests;
    trial.elapsed_ns = window.outcome.elapsed_ns;
    trial.crossings = window.crossings;
    trial.engine_ns = window.engine_ns.value_or(0);
    trial.generator_ns = window.outcome.cpu_ns;
    constexpr uint32_t kBackends = kResponder | kPhpFpm | kPhpCgi;
    const bool has_backend = (plan.needs & kBackends) != 0 || window.backend_ns.value_or(0) > 0;
    if (has_backend) trial.backend_ns = window.backend_ns;
    if ((plan.needs & kMariaDb) != 0) trial.database_ns = window.database_ns;
    trial.received = window.outcome.received;
    trial.steal_share = window.steal_share;
    trial.foreign_share = window.foreign_share;
    trial.latency_ns = std::move(window.outcome.latency_ns);
    return trial;
}

}  // namespace

Result<bool> BedBench::prepare(const std::vector<Plan>& plans) {
    std::vector<std::string> names;
    for (const Plan& plan : plans)
        if (std::find(names.begin(), names.end(), plan.cell.config) == names.end()) names.push_back(plan.cell.config);
    if (auto fresh = bed_.refresh(); !fresh) return fresh;
    if (auto started = bed_.start(names); !started) return started;
    if (auto checked = checkAnswers(plans); !checked) return checked;
    for (const Plan& plan : plans) warmUp(plan);
    return true;
}

/// Cells are only compared when they answer alike.
Result<bool> BedBench::checkAnswers(const std::vector<Plan>& plans) {
    std::map<std::string, std::string> bodies;
    for (const Plan& plan : plans)
        for (const std::string& path : plan.paths) {
            auto answer = fetchWhenReady(bed_.server(plan.cell.config)->address(), path);
            if (!answer) return Error{answer.error().code, plan.cell.key + ": " + answer.error().text};
            const size_t size = answer->body.size();
            if (size < plan.shortest_body || size > plan.longest_body)
                return Error{EPROTO, plan.cell.key + ": " + path + " has " + std::to_string(size) + " bytes"};
            if (plan.same_answer.empty()) continue;
            auto [first, is_new] = bodies.emplace(plan.same_answer, answer->body);
            if (!is_new && first->second != answer->body)
                return Error{EPROTO, plan.cell.key + ": its answer differs from that of the other cells"};
        }
    return true;
}

Load BedBench::loadOf(const Plan& plan) {
    Load load;
    load.address = bed_.server(plan.cell.config)->address();
    load.host = "localhost";
    load.paths = plan.paths;
    load.keep_alive = plan.keep_alive;
    load.connections = connectionsOf(plan);
    load.duration_ms = pace_.window_ms;
    return load;
}

LoadOutcome BedBench::runPlan(const Plan& plan, const Load& load) {
    return plan.behaviour == Behaviour::Browser ? runLoad(load) : runClients(plan.behaviour, load);
}

void BedBench::warmUp(const Plan& plan) {
    Load load = loadOf(plan);
    load.duration_ms = std::min(pace_.warm_up_ms, pace_.window_ms);
    if (plan.behaviour == Behaviour::Browser && pace_.warm_up_ms > load.duration_ms) load.warm_up_ms = pace_.warm_up_ms;
    const LoadOutcome outcome = runPlan(plan, load);
    if (outcome.elapsed_ns > 0)
        rates_[plan.cell.key] = static_cast<double>(outcome.requests) * 1e9 / static_cast<double>(outcome.elapsed_ns);
}

Result<Trial> BedBench::measure(const Plan& plan) {
    Load load = loadOf(plan);
    const double least = rates_[plan.cell.key] * static_cast<double>(pace_.least_window_ms) / 1000;
    load.most_requests = std::max(pace_.least_requests, static_cast<uint64_t>(least));
    const int64_t started = unixMs();
    const Server& server = *bed_.server(plan.cell.config);
    Sources sources;
    sources.status = [&] { return server.status(); };
    sources.machine = [&](pid_t master) { return readMachine(master, bed_.databasePid()); };
    sources.load = [&](const Load& with) { return runPlan(plan, with); };
    auto window = measureWindow(sources, load);
    if (!window) return Error{window.error().code, plan.cell.key + ": " + window.error().text};
    Trial trial = trialOf(plan, std::move(*window));
    trial.started_unix_ms = started;
    return trial;
}

}  // namespace turnpike::measure
