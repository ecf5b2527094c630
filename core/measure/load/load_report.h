// load_report.h - what a load found, for people and for programs. Pure.
#pragma once
#include <string>

#include "measure/load/load.h"

namespace turnpike::measure {

/// Lines as wrk writes them, so that what reads those reads these, and what wrk does not say: the service times of
/// an open loop, the warm-up, the generator's share of its processor. `url`: as it was given.
std::string loadText(const Load& load, const LoadOutcome& outcome, const std::string& url);

/// The same as one JSON object, with times in microseconds and "refused": why the numbers do not count, or null.
std::string loadJson(const Load& load, const LoadOutcome& outcome, const std::string& url);

}  // namespace turnpike::measure
