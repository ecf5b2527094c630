// shared.h - what a worker tells the others, in memory that master, workers and spawner share. One writer a slot;
// readers take no lock and see recent values. Declared once: `turnpike status` walks kCounters.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ledger/ledger.h"

namespace turnpike::ledger {

/// What a connection is at: each one that is open is in one of these, and in no other.
enum class ConnectionState : uint8_t {
    ProxyHeader,
    Handshake,
    Idle,
    ReadingHead,
    ReadingBody,
    Handling,
    Writing,
    Tunnel,
    Closing,
    Http2Idle,
    Http2Active,
    None,  // not counted, or not any more
};
inline constexpr size_t kConnectionStates = static_cast<size_t>(ConnectionState::None);

struct StateName {
    const char* name;
    const char* help;
};
/// In the order of ConnectionState.
inline constexpr StateName kConnectionStateNames[] = {
    {"proxy_header", "the header of the PROXY protocol has not come yet"},
    {"handshake", "a TLS handshake is under way"},
    {"idle", "a request is waited for"},
    {"reading_head", "a request's head has begun to come"},
    {"reading_body", "more of a request's body is waited for"},
    {"handling", "plugins, or whom they asked, have the request"},
    {"writing", "the client has not taken the answer so far"},
    {"tunnel", "bytes pass both ways after an upgrade"},
    {"closing", "all is said, and the client's end is waited for"},
    {"http2_idle", "HTTP/2 without an open stream"},
    {"http2_active", "HTTP/2 with open streams"},
};
static_assert(sizeof kConnectionStateNames / sizeof(StateName) == kConnectionStates);

struct Counters {
    uint64_t requests;  // answered or aborted
    uint64_t status_2xx, status_3xx, status_4xx, status_5xx;
    uint64_t aborted;                     // the client left first
    uint64_t bytes_received, bytes_sent;  // bodies
    uint64_t bytes_spliced;               // of those sent
    uint64_t connections_accepted, connections_refused;
    uint64_t connections;      // open now
    uint64_t requests_active;  // being answered now
    uint64_t log_lines_lost;
    uint64_t tls_handshakes, tls_resumed, tls_failed, tls_kernel;
    uint64_t background;                       // of the requests, those that no client waited for
    uint64_t http2_streams;                    // open now
    uint64_t in_state[kConnectionStates + 1];  // connections by ConnectionState

    void move(ConnectionState from, ConnectionState to) {
        --in_state[static_cast<size_t>(from)];
        ++in_state[static_cast<size_t>(to)];
    }
};

struct CounterName {
    const char* name;
    const char* help;
    size_t offset;
    bool is_gauge;  // goes up and down, and ends with its worker
};
#define TP_COUNTER(member, help) \
    { #member, help, offsetof(Counters, member), false }
#define TP_GAUGE(member, help) \
    { #member, help, offsetof(Counters, member), true }
inline constexpr CounterName kCounters[] = {
    TP_COUNTER(requests, "requests that have ended"),
    TP_COUNTER(status_2xx, "answers with a 2xx status"),
    TP_COUNTER(status_3xx, "answers with a 3xx status"),
    TP_COUNTER(status_4xx, "answers with a 4xx status"),
    TP_COUNTER(status_5xx, "answers with a 5xx status"),
    TP_COUNTER(aborted, "requests whose client left before the answer was complete"),
    TP_COUNTER(bytes_received, "request body bytes"),
    TP_COUNTER(bytes_sent, "response body bytes"),
    TP_COUNTER(bytes_spliced, "of them, those that the kernel took from a backend without a copy in the server"),
    TP_COUNTER(connections_accepted, "connections accepted"),
    TP_COUNTER(connections_refused, "connections closed at once because a limit was reached"),
    TP_GAUGE(connections, "connections open now"),
    TP_GAUGE(requests_active, "requests being answered now"),
    TP_COUNTER(log_lines_lost, "log lines dropped because the log could not be written"),
    TP_COUNTER(tls_handshakes, "TLS handshakes that were completed"),
    TP_COUNTER(tls_resumed, "of them, those of sessions that were resumed"),
    TP_COUNTER(tls_kernel, "of the handshakes, those behind which the kernel encrypts (server.ktls)"),
    TP_COUNTER(tls_failed, "TLS handshakes that failed or were not completed in time"),
    TP_COUNTER(background, "of the requests, those that plugins made for themselves: no client waited"),
    TP_GAUGE(http2_streams, "HTTP/2 streams open now"),
};
#undef TP_COUNTER
#undef TP_GAUGE

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
