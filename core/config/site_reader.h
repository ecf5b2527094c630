// site_reader.h - [[site]] with its routes and hooks. Pure.
#pragma once
#include <string>
#include <vector>

#include "config/apply.h"
#include "config/read_files.h"

namespace turnpike::config {

/// A site, and where the keys that rules between sites speak of were set.
struct ReadSite {
    Site site;
    Position name_at, hosts_at, root_at;
    std::vector<Position> route_at;
};

std::vector<ReadSite> readSites(const File& file, const Machine& machine, std::vector<Problem>& problems);

}  // namespace turnpike::config
