// load.h - the load generator: one thread, one epoll loop, HTTP/1.1 over TCP, TLS or unix sockets.
//
// Closed loop: each connection sends its next request when the answer is complete, so the server sets the pace.
// Open loop: requests are sent when they are due, whatever the server does, and latency counts from the moment a
// request was due: a stall is paid by everybody who would have come meanwhile (Schroeder et al., NSDI 2006).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "measure/load/arrivals.h"
#include "os/socket.h"

namespace turnpike::measure {

struct Load {
    os::Address address;
    std::string tls_name;             // the server is told this name (SNI) under TLS; empty: no TLS
    std::string host;                 // value of Host
    std::vector<std::string> paths;   // request targets; asked in turn, so that a mix keeps its shares exactly
    std::vector<std::string> fields;  // more request fields, "Name: value"
    Arrivals arrivals = Arrivals::Closed;
    double rate = 0;           // requests per second, open loop only
    uint64_t seed = 1;         // of Poisson arrivals
    unsigned connections = 8;  // open loop: the most that may be open
    bool keep_alive = true;    // false: a connection for each request
    uint64_t warm_up_ms = 0;   // most time for the warm-up, whose requests are not counted; 0: none.
                               // It ends when the medians of three half seconds lie within 2 %
    uint64_t duration_ms = 1000;
    uint64_t most_requests = UINT64_MAX;  // counted ones
    uint64_t silence_ms = 10'000;         // no answer for that long while one is due: the run has failed
};

struct LoadOutcome {
    uint64_t requests = 0;    // counted: answered completely, with status 200
    uint64_t elapsed_ns = 0;  // from the end of the warm-up to the last answer
    uint64_t connects = 0;    // the warm-up's too
    Histogram latency_ns;     // response time: open loop from the moment it was due, closed as service time
    Histogram service_ns;     // from the first byte sent (or the connect before it) to the last byte read
    uint64_t received = 0;    // bytes of the counted answers, heads included
    uint64_t shortest_body = UINT64_MAX, longest_body = 0;
    uint64_t cpu_ns = 0;  // the generator's own, over elapsed_ns
    double offered = 0;   // open loop: requests that fell due, per second
    uint64_t unsent = 0;  // open loop: due, but not sent when the time was over
    uint64_t warm_up_ns = 0, warm_up_requests = 0;
    bool warm_up_capped = false;  // it was still changing when warm_up_ms were over
    std::string failure;          // why the run ended early; empty: it did not

    double perSecond(uint64_t amount) const {
        return elapsed_ns == 0 ? 0 : static_cast<double>(amount) * 1e9 / static_cast<double>(elapsed_ns);
    }
    /// The share of its processor that the generator used.
    double generatorShare() const { return perSecond(cpu_ns) / 1e9; }
};

/// Blocks until the run is over. The first answer that is not a complete 200 ends it. The calling thread's timers
/// stay sharp (os::sharpenTimers()). Open loop: requests that were due and wait for a connection at the end are
/// still sent, unless they are more than a hundredth of all; then they are `unsent`.
LoadOutcome runLoad(const Load& load);

inline constexpr double kMostGeneratorShare = 0.9;

/// Why the numbers of a run that did not fail are the generator's and not the server's, and what to do about it;
/// empty: they are the server's. Refused is a generator that used more than kMostGeneratorShare of its processor,
/// and one that could not send all that was due.
std::string refusal(const LoadOutcome& outcome);

}  // namespace turnpike::measure
