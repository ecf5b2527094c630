// clients.h - clients that do not behave as browsers do, for experiment E3: several at a time, each makes a
// connection, does what it does, waits for the server to close and begins again. One thread.
#pragma once
#include "measure/experiment/matrix.h"
#include "measure/load/load.h"

namespace turnpike::measure {

/// As many connections at a time as load.connections says, begun within load.duration_ms or until
/// load.most_requests have been; all that were begun are finished. `requests` of the outcome are connections. The
/// answer of those that ask for a page must be a 200.
LoadOutcome runClients(Behaviour behaviour, const Load& load);

}  // namespace turnpike::measure
