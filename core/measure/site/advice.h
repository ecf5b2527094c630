// advice.h - what the owner of a site should do, in sentences: what would change, by how much, and how sure that
// is. Pure.
#pragma once
#include <string>
#include <vector>

#include "measure/site/site_result.h"

namespace turnpike::measure {

/// The way that is surely better in requests per second or in latency and surely worse in neither; the most so of
/// several. Null: there is none.
const WayResult* bestOf(const SiteResult& result);

/// First what to do, then a sentence for each other way, then how sure all that is.
std::vector<std::string> adviceOf(const SiteResult& result);

}  // namespace turnpike::measure
