// site_advice.h - what the ways of running a site cost, beside each other, and what to change. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/experiment/site_ways.h"
#include "measure/stats/estimate.h"
#include "measure/store/model.h"

namespace turnpike::measure {

struct WayResult {
    std::string name, change;
    double per_second = 0;              // under saturation, median
    double p50_us = 0, cpu_us = 0;      // of one client at a time
    double calls = 0;                   // crossings of the engine per request
    Estimate cpu, p50, throughput;      // over those of the site as it is, block by block
    unsigned trials = 0, rejected = 0;  // of both loads
};

/// One for each way, in their order. `trials`: of plansOf(ways, visit).
std::vector<WayResult> resultsOf(const std::vector<SiteWay>& ways, const std::vector<Trial>& trials,
                                 uint64_t seed);

/// A line a way.
std::string wayTable(const std::vector<WayResult>& results);
/// What would change, by how much and how sure that is; or that nothing would that this run can see.
std::string wayAdvice(const std::vector<WayResult>& results);

}  // namespace turnpike::measure
