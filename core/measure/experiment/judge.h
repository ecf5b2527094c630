// judge.h - which trials do not count, and why (section 3.9 of the method). They are kept and shown. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/experiment/matrix.h"
#include "measure/window.h"

namespace turnpike::measure {

inline constexpr double kMostSteal = 0.01, kMostForeign = 0.05, kMostRunQueue = 0.2;

/// Answers that are wrong, counts that do not agree, a generator that was the bottleneck: nothing of it can be
/// used. Empty: the trial counts.
std::vector<std::string> whyInvalid(const Plan& plan, const Window& window);
/// What else took CPU time meanwhile: its counts hold, its times have noise in them.
std::vector<std::string> whyDisturbed(const Plan& plan, const Window& window);
/// Both.
std::vector<std::string> whyRejected(const Plan& plan, const Window& window);

}  // namespace turnpike::measure
