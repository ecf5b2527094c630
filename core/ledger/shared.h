// shared.h - what a worker tells the others, in memory that master, workers and spawner share. One writer a slot;
// readers take no lock and see recent values. Declared once: `turnpike status` walks kCounters.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ledger/ledger.h"

namespace turnpike::ledger {

struct Counters {
    uint64_t requests;  // answered or aborted
    uint64_t status_2xx, status_3xx, status_4xx, status_5xx;
    uint64_t aborted;                     // the client left first
    uint64_t bytes_received, bytes_sent;  // bodies
    uint64_t connections_accepted, connections_refused;
    uint64_t connections;      // open now
    uint64_t requests_active;  // being answered now
    uint64_t log_lines_lost;
    uint64_t tls_handshakes, tls_resumed, tls_failed;
    uint64_t background;  // of the requests, those that no client waited for
};

struct CounterName {
    const char* name;
    const char* help;
    size_t offset;
};
#define TP_COUNTER(member, help) \
    { #member, help, offsetof(Counters, member) }
inline constexpr CounterName kCounters[] = {
    TP_COUNTER(requests, "requests that have ended"),
    TP_COUNTER(status_2xx, "answers with a 2xx status"),
    TP_COUNTER(status_3xx, "answers with a 3xx status"),
    TP_COUNTER(status_4xx, "answers with a 4xx status"),
    TP_COUNTER(status_5xx, "answers with a 5xx status"),
    TP_COUNTER(aborted, "requests whose client left before the answer was complete"),
    TP_COUNTER(bytes_received, "request body bytes"),
    TP_COUNTER(bytes_sent, "response body bytes"),
    TP_COUNTER(connections_accepted, "connections accepted"),
    TP_COUNTER(connections_refused, "connections closed at once because a limit was reached"),
    TP_COUNTER(connections, "connections open now"),
    TP_COUNTER(requests_active, "requests being answered now"),
    TP_COUNTER(log_lines_lost, "log lines dropped because the log could not be written"),
    TP_COUNTER(tls_handshakes, "TLS handshakes that were completed"),
    TP_COUNTER(tls_resumed, "of them, those of sessions that were resumed"),
    TP_COUNTER(tls_failed, "TLS handshakes that failed or were not completed in time"),
    TP_COUNTER(background, "of the requests, those that plugins made for themselves: no client waited"),
};
#undef TP_COUNTER

/// One worker's slot. Zeroed by the master before the worker starts.
struct alignas(64) WorkerSlot {
    std::atomic<int32_t> pid;
    std::atomic<uint32_t> generation;
    Account account;  // every crossing of this worker: its own and, when they end, its requests'
    Counters counters;
};

/// What children cost, summed by the spawner as it reaps them.
struct alignas(64) ChildrenSlot {
    std::atomic<uint64_t> started, ended, failed, cpu_us;
};

}  // namespace turnpike::ledger
