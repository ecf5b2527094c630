// site_view.h - the result of bench-site for people and for programs. Pure.
#pragma once
#include <string>

#include "measure/site/site_result.h"

namespace turnpike::measure {

/// A line for each way, then the advice. "-" stands for what is not known.
std::string siteText(const SiteResult& result);
/// One object; what is not known is null, an estimate is {"value", "low", "high", "blocks"}.
std::string siteJson(const SiteResult& result);

}  // namespace turnpike::measure
