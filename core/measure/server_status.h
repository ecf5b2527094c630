// server_status.h - the part of the master's status that measuring needs.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

namespace turnpike::measure {

struct ServerStatus {
    std::string version;
    pid_t master = 0;
    std::vector<std::string> listen;  // as os::Address::text() writes them
    uint64_t requests = 0;            // ended so far
    uint64_t accepted = 0, open = 0;  // connections so far, and now
    ledger::Account crossings;        // of all workers, those that are gone included
    uint64_t children_us = 0;         // CPU of CGI programs that have ended
};

/// Reads the answer to the control socket's "status".
Result<ServerStatus> parseStatus(const std::string& json);

}  // namespace turnpike::measure
