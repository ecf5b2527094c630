// errands.h - background requests: those that a plugin begins for itself, as a cache does to renew what it has
// just sent stale. No connection is held by one, and nobody gets its answer. Owned by the runtime; loop thread
// only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sdk/services.h"

namespace turnpike::server {

class Exchange;
class Runtime;

class Errands {
 public:
    Errands(Runtime& runtime, size_t sites);
    ~Errands();
    Errands(const Errands&) = delete;
    Errands& operator=(const Errands&) = delete;

    /// tp_background_service.begin().
    tp_request* begin(const Exchange& like, const tp_background_spec& spec, int32_t* error);
    /// None is begun any more. `drained` is called once none is left.
    void drain(void (*drained)(void*), void* arg);
    size_t count() const { return running_.size(); }

 private:
    class Errand;
    int32_t whyNot(const Exchange& like) const;
    void remove(Errand& errand);
    void tellDrained();

    Runtime& runtime_;
    std::vector<std::unique_ptr<Errand>> running_;
    std::vector<uint64_t> of_site_;  // how many of them, by the site's number
    bool draining_ = false;
    void (*drained_)(void*) = nullptr;
    void* drained_arg_ = nullptr;
};

}  // namespace turnpike::server
