// claims.h - the four claims and what this run says about each: a level and a sentence to quote. Internal to
// analysis/.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/effects.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// What follows from a level, for one claim.
struct Conclusions {
    const char *supported, *material, *refuted;
    /// ": " and what follows; nothing when there is no evidence.
    std::string of(Verdict::Level level) const;
};

/// Judges by thresholds, but only what the A/A run says this run can see.
class Judge {
 public:
    /// All must outlive it; `analysis` holds cells, effects, lines and bounds already.
    Judge(const Evidence& evidence, const Resolution& resolution, const Analysis& analysis)
        : evidence_(evidence), resolution_(resolution), analysis_(analysis) {}

    const Evidence& evidence() const { return evidence_; }
    const Analysis& analysis() const { return analysis_; }

    /// Supported when `gain`, a factor, is surely below the lower threshold; refuted when surely above the upper
    /// one.
    Verdict::Level ofGain(const Estimate& gain) const;
    /// Supported when what is left, a factor of at most 1, shows that surely more than the upper threshold was
    /// kept away; refuted when surely less than the lower one was.
    Verdict::Level ofRest(const Estimate& rest) const;
    /// Ends a sentence: which machine, and what could be seen; or why there is no evidence.
    std::string closing(const Verdict& verdict, const std::string& missing) const;

 private:
    bool canSee() const;

    const Evidence& evidence_;
    const Resolution& resolution_;
    const Analysis& analysis_;
};

/// 1: crossing is never the bottleneck of a userland server. From the bounds of E1, E5, E7 and E9.
std::vector<Verdict> judgeCrossing(const Judge& judge);
/// 2: CGI has the same handicap in a kernel server. From E4.
std::vector<Verdict> judgeCgi(const Judge& judge);
/// 3: accept filters keep invalid requests out of userland. From E3.
std::vector<Verdict> judgeFilters(const Judge& judge);
/// 4: the loopback hops of LAMP are a cost that people accept. From E5, E6 and E7.
std::vector<Verdict> judgeHops(const Judge& judge);

}  // namespace turnpike::measure
