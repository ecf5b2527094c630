#include "measure/window.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <string>
#include <thread>

#include "os/file.h"
#include "os/process.h"

namespace turnpike::measure {
namespace {

using namespace std::chrono_literals;

constexpr uint64_t kTickNs = 10'000'000;  // USER_HZ is 100 for user space on every Linux
constexpr int kSettleTries = 500;
constexpr auto kSettlePause = 2ms;

/// The first line is "cpu user nice system idle iowait irq softirq steal ...", for all; then comes one for each
/// processor, "cpu0 ...".
void readProcessors(MachineReading& to) {
    auto text = os::readFile("/proc/stat");
    if (!text) return;
    std::istringstream lines(*text);
    std::string word;
    for (int i = 0; i <= 8; ++i) lines >> word;
    to.steal_ns = std::strtoull(word.c_str(), nullptr, 10) * kTickNs;
    unsigned count = 0;
    for (std::string line; std::getline(lines, line);) count += line.starts_with("cpu") ? 1u : 0u;
    to.processors = std::max(1u, count);
}

/// The second number of schedstat; a worker serves with its first thread.
uint64_t runQueueNs(const std::vector<Process>& all, pid_t master) {
    uint64_t sum = 0;
    for (const Process& process : all) {
        if (process.parent != master) continue;
        auto text = os::readFile("/proc/" + std::to_string(process.pid) + "/schedstat");
        if (text) sum += std::strtoull(text->c_str() + std::min(text->find(' '), text->size()), nullptr, 10);
    }
    return sum;
}

/// Everything but what we run and the kernel's own threads, which mostly work for whom they are asked by.
uint64_t foreignNs(const std::vector<Process>& all) {
    uint64_t sum = 0;
    for (const Process& process : all)
        if (!process.is_kernel) sum += process.own_ns + process.waited_ns;
    return sum - treeNs(all, os::ownPid());
}

uint64_t since(uint64_t before, uint64_t after) { return after > before ? after - before : 0; }

bool isSame(const ledger::Account& a, const ledger::Account& b) {
    return std::equal(std::begin(a.of), std::end(a.of), std::begin(b.of),
                      [](const tp_crossing& x, const tp_crossing& y) { return x.calls == y.calls; });
}

/// Waits until no connection is open, nothing more is counted and `requests` have ended in all: what was asked for
/// is in the ledger. A server that others use never comes to rest, and is taken as it is.
Result<ServerStatus> settledStatus(const Sources& sources, uint64_t requests) {
    auto last = sources.status();
    for (int i = 0; i < kSettleTries && last; ++i) {
        std::this_thread::sleep_for(kSettlePause);
        auto now = sources.status();
        if (!now) return now;
        const bool is_settled =
            now->open == 0 && now->requests >= requests && isSame(last->crossings, now->crossings);
        last = std::move(now);
        if (is_settled) break;
    }
    return last;
}

ledger::Account difference(const ledger::Account& before, const ledger::Account& after) {
    ledger::Account of;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        of.of[i].calls = after.of[i].calls - before.of[i].calls;
        of.of[i].errors = after.of[i].errors - before.of[i].errors;
        of.of[i].bytes = after.of[i].bytes - before.of[i].bytes;
    }
    return of;
}

void subtract(const ServerStatus& before, const ServerStatus& after, Window& to) {
    to.crossings = difference(before.crossings, after.crossings);
    to.requests = after.requests - before.requests;
    to.accepted = after.accepted - before.accepted;
    // Programs that have ended are the server's to tell: /proc knows them only in ticks.
    if (to.backend_ns) *to.backend_ns += since(before.children_us, after.children_us) * 1000;
}

void subtract(const MachineReading& before, const MachineReading& after, Window& to) {
    const bool is_known = after.server.engine_ns > before.server.engine_ns;
    if (is_known) {
        to.engine_ns = after.server.engine_ns - before.server.engine_ns;
        to.backend_ns = since(before.server.backend_ns, after.server.backend_ns);
    }
    to.database_ns = since(before.database_ns, after.database_ns);
    const auto elapsed = static_cast<double>(std::max<uint64_t>(to.outcome.elapsed_ns, 1));
    const double machine = elapsed * after.processors;
    to.run_queue_share = static_cast<double>(since(before.run_queue_ns, after.run_queue_ns)) / elapsed;
    to.steal_share = static_cast<double>(since(before.steal_ns, after.steal_ns)) / machine;
    to.foreign_share = static_cast<double>(since(before.foreign_ns, after.foreign_ns)) / machine;
}

}  // namespace

std::optional<MachineReading> readMachine(pid_t master, pid_t database) {
    auto all = listProcesses();
    if (!all) return std::nullopt;
    MachineReading reading;
    reading.server = splitServer(*all, master);
    reading.database_ns = database > 0 ? os::cpuNs(database) : 0;
    reading.run_queue_ns = runQueueNs(*all, master);
    reading.foreign_ns = foreignNs(*all);
    readProcessors(reading);
    return reading;
}

Result<Window> measureWindow(const Sources& sources, const Load& load) {
    auto before = settledStatus(sources, 0);
    if (!before) return before.error();
    // The machine is read next to the load on both sides: what the server does to tell its status is in no window.
    const auto machine_before = sources.machine(before->master);
    Window window;
    window.outcome = sources.load(load);
    const auto machine_after = sources.machine(before->master);
    auto after = settledStatus(sources, before->requests + window.outcome.requests);
    if (!after) return after.error();
    if (machine_before && machine_after) subtract(*machine_before, *machine_after, window);
    subtract(*before, *after, window);
    return window;
}

}  // namespace turnpike::measure
