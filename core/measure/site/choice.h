// choice.h - which site and which page of a config somebody means.
#pragma once
#include <string>

#include "base/result.h"
#include "config/snapshot.h"

namespace turnpike::measure {

struct Choice {
    const config::Site* site = nullptr;  // of the snapshot
    std::string host;                    // value of Host
    std::string target = "/";            // path and query
};

/// `what`: a URL, whose host finds the site as the server does; a host alone; a site's name; or a path, for the
/// only site or the one that takes every host. `page`: a path and query that wins over that of a URL; empty: none.
/// The Error names the sites that there are. The snapshot must outlive it.
Result<Choice> choose(const config::Snapshot& snapshot, const std::string& what, const std::string& page);

}  // namespace turnpike::measure
