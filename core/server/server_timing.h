// server_timing.h - the Server-Timing response field (W3C Server Timing): the ledger's phases for the visitor's
// developer tools. Pure.
#pragma once
#include <string>

#include "sdk/plugin.h"

namespace turnpike::server {

/// "route;dur=0.012, queue;dur=1.500, request;dur=0.100, backend;dur=12.300, total;dur=14.020": milliseconds that
/// each phase took which the request has been through. `total` is the time until now.
std::string serverTiming(const tp_log_record& so_far);

}  // namespace turnpike::server
