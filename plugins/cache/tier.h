// tier.h - a store together with the memory that it was declared with: one in memory, and perhaps one on disk.
#pragma once
#include "store.h"

namespace turnpike::cache {

class Tier {
 public:
    /// `number`: its place in Visit::changes. `most`: the largest answer that it takes.
    Tier(const tp_shared_service& service, tp_shared* shared, uint64_t size, uint64_t most, uint32_t number,
         Counts* counts = nullptr)
        : store(service, shared, size, counts), most_(most), number_(number) {}

    Store store;
    uint64_t most() const { return most_; }
    uint32_t number() const { return number_; }

 private:
    uint64_t most_;
    uint32_t number_;
};

}  // namespace turnpike::cache
