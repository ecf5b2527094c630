// random.h - random numbers that are the same everywhere for the same seed: what the standard library's
// distributions give differs between its makers. xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
// One thread.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace turnpike::measure {

class Random {
 public:
    explicit Random(uint64_t seed);

    uint64_t next();
    /// One of 0 to `limit` - 1, all equally likely; `limit` is at least 1.
    uint64_t below(uint64_t limit);
    /// At least 0 and less than 1.
    double uniform();

    /// Every order is equally likely.
    template <class T>
    void shuffle(std::vector<T>& items) {
        for (size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
    }

 private:
    std::array<uint64_t, 4> state_;
};

}  // namespace turnpike::measure
