// effects.h - what a factor does: ratios between cells that differ in nothing else, block by block, and what the
// A/A run says can be seen at all.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// How far two cells that are the same lie apart. The evidence must outlive it.
class Resolution {
 public:
    explicit Resolution(const Evidence& evidence);

    /// The second A/A cell over the first; of the other load when only that one was measured.
    const Estimate& same(Metric metric, LoadKind load) const;
    /// The wider of both loads.
    const Estimate& widest(Metric metric) const;
    /// Whether `ratio` shows a difference: its interval excludes 1, and it is further from 1 than chance was.
    bool detects(const Estimate& ratio, Metric metric, LoadKind load) const;

    /// The same of a ratio of the two that are the same, `chance`.
    static bool shows(const Estimate& ratio, const Estimate& chance);
    /// The least gain that is not chance, as a share: half of the interval, as a factor above 1.
    static double leastGain(const Estimate& chance);
    static double halfWidth(const Estimate& same) { return (same.high - same.low) / 2; }

 private:
    struct Pair {
        Estimate of[2];  // by LoadKind
    };
    Pair cpu_, p50_, throughput_;
    const Pair& pairOf(Metric metric) const;
};

/// All pairs of cells that differ in exactly one factor that is not a number.
std::vector<Effect> effectsOf(const Evidence& evidence, const Resolution& resolution);

/// From one value of a factor to another.
struct Step {
    std::string experiment, factor, from, to;
};

/// One ratio for a step, over all pairs of cells that it separates: the mean of their logarithms, block by block.
Estimate pooled(const Evidence& evidence, const std::vector<Effect>& effects, const Step& step, Metric metric,
                LoadKind load);

}  // namespace turnpike::measure
