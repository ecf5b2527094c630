#include "measure/toll.h"

#include <chrono>
#include <numeric>
#include <thread>

namespace turnpike::measure {
namespace {

using namespace std::chrono_literals;
using ledger::Class;

constexpr uint64_t kWarmUpMs = 200;
constexpr auto kSettle = 30ms;     // for the server to see that the warm-up's connections are closed
constexpr int kLedgerTries = 200;  // of 5 ms: a request enters the ledger a moment after its last byte

struct Reading {
    ServerStatus status;
    std::optional<ServerCpu> cpu;
};

Result<Reading> read(const Sources& sources) {
    auto status = sources.status();
    if (!status) return status.error();
    return Reading{*status, sources.cpu(status->master)};
}

/// Waits until the ledger holds `requests` in all.
Result<Reading> readAfter(const Sources& sources, uint64_t requests) {
    auto reading = read(sources);
    for (int i = 0; i < kLedgerTries && reading && reading->status.requests < requests; ++i) {
        std::this_thread::sleep_for(5ms);
        reading = read(sources);
    }
    return reading;
}

double per(uint64_t amount, uint64_t requests) {
    return static_cast<double>(amount) / static_cast<double>(requests);
}

void countCrossings(const Reading& before, const Reading& after, TollRow& row) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        const tp_crossing& from = before.status.crossings.of[i];
        const tp_crossing& to = after.status.crossings.of[i];
        row.calls[i] = per(to.calls - from.calls, row.requests);
        bytes += to.bytes - from.bytes;
    }
    row.bytes = per(bytes, row.requests);
}

void countCpu(const Reading& before, const Reading& after, TollRow& row) {
    bool known = before.cpu && after.cpu && after.cpu->engine_ns > before.cpu->engine_ns &&
                 after.cpu->backend_ns >= before.cpu->backend_ns;
    if (!known) {
        row.notes.emplace_back("CPU is not known: /proc does not show the server's processes");
        return;
    }
    row.engine_us = per(after.cpu->engine_ns - before.cpu->engine_ns, row.requests) / 1000;
    uint64_t backend_ns = after.cpu->backend_ns - before.cpu->backend_ns +
                          (after.status.children_us - before.status.children_us) * 1000;
    bool asked = row.calls[static_cast<size_t>(Class::Backend)] > 0.5;
    if (asked && backend_ns == 0)
        row.notes.emplace_back("its backend's CPU is not known: Turnpike did not start it");
    else
        row.backend_us = per(backend_ns, row.requests) / 1000;
}

void noteOddities(const LoadOutcome& outcome, uint64_t served, TollRow& row) {
    if (served != outcome.requests)
        row.notes.push_back("the ledger counts " + std::to_string(served) + " requests, this client made " +
                            std::to_string(outcome.requests) + ": somebody else used the server");
    if (outcome.shortest_body != outcome.longest_body)
        row.notes.push_back("its answers differ in length: " + std::to_string(outcome.shortest_body) + " to " +
                            std::to_string(outcome.longest_body) + " bytes");
}

void fill(const Reading& before, const Reading& after, const LoadOutcome& outcome, TollRow& row) {
    constexpr double kNsPerMs = 1e6;
    row.requests = outcome.requests;
    row.requests_per_second = outcome.perSecond(outcome.requests);
    row.p50_ms = static_cast<double>(outcome.latency_ns.percentile(50)) / kNsPerMs;
    row.p99_ms = static_cast<double>(outcome.latency_ns.percentile(99)) / kNsPerMs;
    noteOddities(outcome, after.status.requests - before.status.requests, row);
    countCrossings(before, after, row);
    countCpu(before, after, row);
}

}  // namespace

double TollRow::allCalls() const { return std::accumulate(calls.begin(), calls.end(), 0.0); }

TollRow measureToll(const Sources& sources, Load load, const Page& page) {
    TollRow row;
    row.page = page;
    load.paths = {page.path};
    Load warm_up = load;
    warm_up.duration_ms = kWarmUpMs;
    row.failure = sources.load(warm_up).failure;
    if (!row.failure.empty()) return row;
    std::this_thread::sleep_for(kSettle);

    auto before = read(sources);
    LoadOutcome outcome = before ? sources.load(load) : LoadOutcome{};
    auto after = before ? readAfter(sources, before->status.requests + outcome.requests) : before;
    if (!after)
        row.failure = after.error().text;
    else if (!outcome.failure.empty())
        row.failure = outcome.failure;
    else if (outcome.requests == 0)
        row.failure = "no request ended in time";
    else
        fill(*before, *after, outcome, row);
    return row;
}

}  // namespace turnpike::measure
