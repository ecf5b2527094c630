// load_client.h - a short closed loop of keep-alive requests to one page, in this process, over epoll. Each
// connection sends the next request when the answer to the last one is complete, so the server sets the pace and
// nothing is left in flight at the end.
#pragma once
#include <cstdint>
#include <string>

#include "base/histogram.h"
#include "os/socket.h"

namespace turnpike::measure {

struct Load {
    os::Address address;
    std::string host;  // value of Host
    std::string path;  // request target, with its query
    unsigned connections = 8;
    uint64_t duration_ms = 1000;
    uint64_t most_requests = UINT64_MAX;
    uint64_t silence_ms = 10'000;  // no answer for that long on any connection: the run has failed
};

struct LoadOutcome {
    uint64_t requests = 0;  // answered completely, with status 200
    uint64_t elapsed_ns = 0;
    uint64_t connects = 0;
    Histogram latency_ns;  // from the request's first byte sent to the answer's last byte read
    uint64_t shortest_body = UINT64_MAX, longest_body = 0;
    std::string failure;  // why the run ended early; empty: it did not
};

/// Blocks until the run is over. The first answer that is not a complete 200 ends it.
LoadOutcome runLoad(const Load& load);

}  // namespace turnpike::measure
