#include "measure/toll.h"

#include <numeric>

namespace turnpike::measure {
namespace {

using ledger::Class;

constexpr uint64_t kWarmUpMs = 200;

double per(uint64_t amount, uint64_t requests) {
    return static_cast<double>(amount) / static_cast<double>(requests);
}

void countCrossings(const Window& window, TollRow& row) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < ledger::kClasses; ++i) {
        row.calls[i] = per(window.crossings.of[i].calls, row.requests);
        bytes += window.crossings.of[i].bytes;
    }
    row.bytes = per(bytes, row.requests);
}

void countCpu(const Window& window, TollRow& row) {
    if (!window.engine_ns || !window.backend_ns) {
        row.notes.emplace_back("CPU is not known: /proc does not show the server's processes");
        return;
    }
    row.engine_us = per(*window.engine_ns, row.requests) / 1000;
    const bool is_asked = row.calls[static_cast<size_t>(Class::Backend)] > 0.5;
    if (is_asked && *window.backend_ns == 0)
        row.notes.emplace_back("its backend's CPU is not known: Turnpike did not start it");
    else
        row.backend_us = per(*window.backend_ns, row.requests) / 1000;
}

void noteOddities(const LoadOutcome& outcome, uint64_t served, TollRow& row) {
    if (served != outcome.requests)
        row.notes.push_back("the ledger counts " + std::to_string(served) + " requests, this client made " +
                            std::to_string(outcome.requests) + ": somebody else used the server");
    if (outcome.shortest_body != outcome.longest_body)
        row.notes.push_back("its answers differ in length: " + std::to_string(outcome.shortest_body) + " to " +
                            std::to_string(outcome.longest_body) + " bytes");
}

void fill(const Window& window, TollRow& row) {
    constexpr double kNsPerMs = 1e6;
    const LoadOutcome& outcome = window.outcome;
    row.requests = outcome.requests;
    row.requests_per_second = outcome.perSecond(outcome.requests);
    row.p50_ms = static_cast<double>(outcome.latency_ns.percentile(50)) / kNsPerMs;
    row.p99_ms = static_cast<double>(outcome.latency_ns.percentile(99)) / kNsPerMs;
    noteOddities(outcome, window.requests, row);
    countCrossings(window, row);
    countCpu(window, row);
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
    auto window = measureWindow(sources, load);
    if (!window)
        row.failure = window.error().text;
    else if (!window->outcome.failure.empty())
        row.failure = window->outcome.failure;
    else if (window->outcome.requests == 0)
        row.failure = "no request ended in time";
    else
        fill(*window, row);
    return row;
}

}  // namespace turnpike::measure
