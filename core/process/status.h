// status.h - what the master tells about itself, as JSON.
#pragma once
#include <string>
#include <vector>

#include "process/generation.h"

namespace turnpike::process {

struct StatusInput {
    std::string config_path, last_problem;
    uint64_t uptime_s = 0, reloads = 0, failed_reloads = 0, deaths = 0;
    std::vector<const Generation*> generations;  // the serving one first
    const SharedState* state = nullptr;
    const SpawnerLink* spawner = nullptr;
};

std::string statusJson(const StatusInput& input);
/// The outcome of a reload: the generation that serves, and what was wrong, if anything.
std::string reloadJson(uint32_t generation, const Problems& problems);

}  // namespace turnpike::process
