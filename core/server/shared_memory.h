// shared_memory.h - the memory for all workers that plugins declare while they are configured.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sdk/services.h"
#include "server/worker.h"

/// The opaque memory of services.h. `region` is null where a config is only tried out.
struct tp_shared {
    turnpike::os::SharedRegion* region;
};

namespace turnpike::server {

class SharedRegistry {
 public:
    /// `planned`: what the master made when the generation was planned; null in a trial.
    explicit SharedRegistry(const std::vector<SharedUse>* planned) : planned_(planned) {}

    /// Null with *why: the name is taken, or nothing was made for it.
    tp_shared* add(SharedSpec spec, std::string* why);
    const std::vector<SharedSpec>& specs() const { return specs_; }

 private:
    const std::vector<SharedUse>* planned_;
    std::vector<SharedSpec> specs_;
    std::vector<std::unique_ptr<tp_shared>> handles_;
};

}  // namespace turnpike::server
