// options.h - what the master is told by whoever starts it. The functions keep process/ free of the HTTP engine
// and of the config's parser; tests put their own in.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/worker.h"

namespace turnpike::process {

using Problems = std::vector<std::string>;

struct MasterOptions {
    std::string config_path;  // absolute: a reload reads it again
    /// config::load(). In the master, with its privileges.
    std::function<Problems(const std::string& path, std::shared_ptr<const config::Snapshot>* out)> load;
    /// server::probePlugins(). In a child without privileges.
    std::function<Problems(const config::Snapshot& snapshot, server::Declared* declared,
                           const server::Trying& trying)>
        probe;
    /// server::runWorker(). In each worker.
    std::function<int(const server::WorkerSetup& setup)> run_worker;
};

}  // namespace turnpike::process
