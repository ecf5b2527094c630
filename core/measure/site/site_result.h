// site_result.h - what the ways of running a site come to, each against the one of now. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/site/site_bench.h"

namespace turnpike::measure {

/// Another way's figure over that of now, block by block, and what the way of now over itself gives by chance.
struct Contrast {
    enum class Level : uint8_t { Unknown, Alike, Better, Worse };
    Level level = Level::Unknown;
    Estimate ratio;
};

struct WayResult {
    Way way;
    CellSummary single, saturation;
    Contrast throughput, p50,
        cpu;                 // of saturation; of one connection; of one connection. Unknown for the way of now
    unsigned disturbed = 0;  // of the trials that count, under both loads
};

struct SiteResult {
    std::string site, host, target;
    unsigned blocks = 0;
    std::vector<WayResult> ways;                   // the one of now first
    Estimate same_throughput, same_p50, same_cpu;  // the way of now over itself
    std::vector<LeftOut> left_out;
};

/// `trials`: of plansOf(admitted, ...).
SiteResult resultOf(const Choice& choice, const Admitted& admitted, const Run& run, const std::vector<Cell>& cells,
                    const std::vector<Trial>& trials);

/// `is_more_better`: of the two directions.
Contrast contrastOf(const Estimate& ratio, const Estimate& chance, bool is_more_better);
const char* name(Contrast::Level level);  // "unknown", "alike", "better", "worse"

}  // namespace turnpike::measure
