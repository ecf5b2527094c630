// load.h - load() with the machine and its files given, for tests and the fuzzer.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/machine.h"
#include "config/snapshot.h"

namespace turnpike::config {

/// As load() of snapshot.h.
std::vector<Problem> loadFrom(const std::string& path, const Files& files, const Machine& machine,
                              std::shared_ptr<const Snapshot>* out);

}  // namespace turnpike::config
