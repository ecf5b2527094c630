// bounds.h - the most that a server in the kernel could gain (section 4.2 of the method): throughput CPU / (CPU -
// B) and latency T / (T - B), where B is what it would save. Worker and database stay where they are.
#pragma once
#include <optional>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/bill.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// Of every cell of E1, E4, E5, E7 and E9 in which the engine serves real content; controls have none.
std::vector<Bound> boundsOf(const Evidence& evidence, const std::optional<Price>& call_price);

Bound boundOf(const Evidence& evidence, const CellTrials& cell, const std::optional<Price>& call_price);

/// What the softirq server would save of a request's CPU, in microseconds, given what the engine uses; NaN when a
/// constant is missing. `pick` chooses the middle or an end of each price.
double softirqSaving(const Bill& bill, double engine_us, double Price::*pick = &Price::value);

}  // namespace turnpike::measure
