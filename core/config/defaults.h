// defaults.h - what a config leaves open and the machine decides. Pure but for looking whether a folder exists.
#pragma once
#include "config/machine.h"
#include "config/snapshot.h"

namespace turnpike::config {

/// The file that is meant when the command line names none.
std::string defaultConfig(const Machine& machine, const Files& files);
void fillDefaults(Server& server, const Machine& machine, const Files& files);
void fillDefaults(Site& site, const Server& server);

}  // namespace turnpike::config
