// shared_regions.h - the memory that plugins share among the workers, over the generations. In the master.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "server/worker.h"

namespace turnpike::process {

class SharedRegions {
 public:
    /// For each declaration the one that a living generation has already, with all that it holds, or a new one.
    /// They live as long as the plans that have them.
    Result<std::vector<server::SharedUse>> assign(const std::vector<server::SharedSpec>& specs,
                                                  const std::string& spool_folder);

 private:
    struct Known {
        server::SharedSpec spec;
        std::weak_ptr<os::SharedRegion> region;
    };
    std::vector<Known> all_;
};

}  // namespace turnpike::process
