// keys_tls.h - the keys of a site that are about TLS: how their values get into the snapshot, and the files that
// they name.
#pragma once
#include <string>
#include <vector>

#include "config/keys.h"

namespace turnpike::config {

/// `tls`: the paths of the files and whether clients need certificates. The files are not read here.
std::string storeTls(Site& to, const BoundKey& value, const Machine& machine);
/// `hsts`: the value of the field as RFC 6797 6.1 has it.
std::string storeHsts(Site& to, const BoundKey& value, const Machine& machine);

/// Reads the files that `tls` names: the last moment at which that may need the rights of root.
void readTlsFiles(Site& site, const Files& files, std::vector<Problem>& problems);

/// What must hold between the sites and the listeners.
void checkTlsUse(const Snapshot& snapshot, std::vector<Problem>& problems);

}  // namespace turnpike::config
