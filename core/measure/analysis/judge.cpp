#include "measure/analysis/claims.h"
#include "measure/analysis/text.h"

namespace turnpike::measure {

using Level = Verdict::Level;

std::string Conclusions::of(Level level) const {
    if (level == Level::NoEvidence) return {};
    return std::string(": ") + (level == Level::Supported  ? supported
                                : level == Level::Material ? material
                                                           : refuted);
}

bool Judge::canSee() const {
    const Estimate& same = resolution_.widest(Metric::Cpu);
    return same.isKnown() && Resolution::halfWidth(same) < analysis_.thresholds.supported;
}

Level Judge::ofGain(const Estimate& gain) const {
    if (!gain.isKnown() || !canSee()) return Level::NoEvidence;
    if (gain.high < 1 + analysis_.thresholds.supported) return Level::Supported;
    return gain.low > 1 + analysis_.thresholds.refuted ? Level::Refuted : Level::Material;
}

Level Judge::ofRest(const Estimate& rest) const {
    if (!rest.isKnown() || !canSee()) return Level::NoEvidence;
    if (rest.high < 1 - analysis_.thresholds.refuted) return Level::Supported;
    return rest.low > 1 - analysis_.thresholds.supported ? Level::Refuted : Level::Material;
}

std::string Judge::closing(const Verdict& verdict, const std::string& missing) const {
    const Estimate& same = resolution_.widest(Metric::Cpu);
    if (!verdict.gain.isKnown())
        return " No evidence: " + (missing.empty() ? "too few blocks" : missing + " not measured") + ".";
    if (!same.isKnown()) return " No evidence: without an A/A run (E0) nobody knows what this run can see.";
    std::string sees = print("differences from %.1f %% on can be seen", Resolution::halfWidth(same) * 100);
    if (!canSee()) return " No evidence: only " + sees + ".";
    return " (" + machineOf(analysis_.run.fingerprint) + "; " + sees + ".)";
}

}  // namespace turnpike::measure
