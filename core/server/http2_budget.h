// http2_budget.h - what one HTTP/2 client may do that costs the server work and brings it nothing: pings,
// settings, resets, window updates without data, empty frames, and errors that make the server reset a stream.
// Loop thread only.
#pragma once
#include <algorithm>
#include <cstdint>

namespace turnpike::server {

/// A bucket of kBurst that fills again by kPerSecond.
class Http2Budget {
 public:
    static constexpr uint32_t kBurst = 200, kPerSecond = 50;

    /// False: there is nothing left.
    bool spend(uint64_t now_ns) {
        fill(now_ns);
        if (left_ == 0) return false;
        --left_;
        return true;
    }
    /// How many more may be spent now.
    uint32_t left(uint64_t now_ns) {
        fill(now_ns);
        return left_;
    }

 private:
    static constexpr uint64_t kNsEach = 1'000'000'000 / kPerSecond;
    void fill(uint64_t now_ns) {
        if (left_ == kBurst || filled_ns_ == 0) {
            filled_ns_ = now_ns;
            return;
        }
        const uint64_t more = (now_ns - filled_ns_) / kNsEach;
        if (more == 0) return;
        filled_ns_ += more * kNsEach;
        left_ = static_cast<uint32_t>(std::min<uint64_t>(kBurst, left_ + more));
    }

    uint32_t left_ = kBurst;
    uint64_t filled_ns_ = 0;
};

}  // namespace turnpike::server
