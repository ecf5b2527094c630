// report.h - what a run says, as something to read or to compute with: one self-contained page, JSON, CSV,
// Markdown. Pure: the same analysis and trials give the same bytes. The formats are described in
// docs/measuring-formats.md.
#pragma once
#include <string>
#include <vector>

#include "measure/analysis/analysis.h"
#include "measure/store/model.h"

namespace turnpike::measure::report {

/// One page that loads nothing: first what was found, then how sure that is, then everything else. Well-formed
/// XML. `trials` are those that were analysed; the rejected ones are listed, the others give the distributions.
std::string page(const Analysis& analysis, const std::vector<Trial>& trials);
/// All of the analysis; what is not known is null.
std::string json(const Analysis& analysis);
/// A line of names, then a line for each cell; what is not known is empty (RFC 4180, lines end with LF).
std::string csv(const Analysis& analysis);
/// For a README: the verdicts, the cells, the checks, the machine.
std::string markdown(const Analysis& analysis);

}  // namespace turnpike::measure::report
