// rarely.h - what can happen any number of times is logged once a second, with how often it happened since. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <utility>

namespace turnpike::server {

class Rarely {
 public:
    /// False: it is not to be told now, and counted instead.
    bool isDue(uint64_t now_ns) {
        constexpr uint64_t kEveryNs = 1'000'000'000;
        const bool due = told_ns_ == 0 || now_ns - told_ns_ >= kEveryNs;
        if (due) told_ns_ = now_ns;
        untold_ += due ? 0 : 1;
        return due;
    }
    /// To be written behind the message: how many were not told before it.
    std::string others() {
        const uint64_t untold = std::exchange(untold_, 0);
        return untold == 0 ? std::string() : " (and " + std::to_string(untold) + " others before it)";
    }

 private:
    uint64_t told_ns_ = 0, untold_ = 0;
};

}  // namespace turnpike::server
