// checks.h - whether the numbers can be believed (section 3.10 of the method), and whether the experiments show
// what they must.
#pragma once
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/analysis/effects.h"
#include "measure/analysis/evidence.h"

namespace turnpike::measure {

/// V1 to V11, and R: how many trials were rejected. `analysis` holds cells and lines already.
std::vector<Check> validityChecks(const Evidence& evidence, const Resolution& resolution,
                                  const Analysis& analysis);

/// E0: the ledger's overhead; E4: the process's share of a CGI request; E5: unix against TCP; E7: the cost of a
/// query. `analysis` holds effects and lines already.
std::vector<Check> experimentChecks(const Evidence& evidence, const Analysis& analysis);

/// The share of a CGI cell's CPU that the in-process answer does not need; not known without that control.
Estimate processShare(const Evidence& evidence, const CellTrials& cgi);

}  // namespace turnpike::measure
