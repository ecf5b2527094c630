// backoff.h - how long to wait before something that died is started again. Pure; times in milliseconds of any
// clock.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>

namespace turnpike::process {

/// For workers: at once, until five died within ten seconds; then 0.1 s doubling to 5 s while they keep dying.
class CrashBackoff {
 public:
    /// Notes a death; how long to wait.
    uint64_t onDeath(uint64_t now_ms) {
        deaths_.push_back(now_ms);
        while (deaths_.front() + kWindowMs <= now_ms) deaths_.pop_front();
        if (deaths_.size() < kDeaths) pause_ms_ = 0;
        if (deaths_.size() < kDeaths) return 0;
        pause_ms_ = pause_ms_ == 0 ? kFirstMs : std::min(pause_ms_ * 2, kMostMs);
        return pause_ms_;
    }

 private:
    static constexpr uint64_t kWindowMs = 10'000, kFirstMs = 100, kMostMs = 5'000;
    static constexpr size_t kDeaths = 5;
    std::deque<uint64_t> deaths_;
    uint64_t pause_ms_ = 0;
};

/// For backends: `first_ms` doubling to 30 s, from the beginning again after ten seconds of life.
class RestartBackoff {
 public:
    explicit RestartBackoff(uint64_t first_ms) : first_ms_(std::max<uint64_t>(first_ms, 1)) {}
    uint64_t onDeath(uint64_t lived_ms) {
        if (lived_ms >= kLongLifeMs) next_ms_ = 0;
        uint64_t pause = next_ms_ == 0 ? first_ms_ : next_ms_;
        next_ms_ = std::min(pause * 2, std::max(kMostMs, first_ms_));
        return pause;
    }

 private:
    static constexpr uint64_t kLongLifeMs = 10'000, kMostMs = 30'000;
    uint64_t first_ms_, next_ms_ = 0;
};

}  // namespace turnpike::process
