#include "sdk/gateway/health.h"

#include <algorithm>

namespace turnpike::gateway {

void Health::unreachable(uint64_t now) {
    if (!is_unreachable_) since_ = now;
    is_unreachable_ = true;
    later(now);
}

// After a pause one more failure is enough.
bool Health::failed(uint64_t now) {
    if (isPaused(now)) return false;  // requests that were under way when it began
    while (!failures_.empty() && now > failures_.front() + rules_.window_ms) failures_.pop_front();
    failures_.push_back(now);
    if (!is_on_trial_ && failures_.size() < rules_.max_fails) return false;
    failures_.clear();
    if (is_on_trial_) doublings_ = std::min(doublings_ + 1, most_doublings_);
    is_on_trial_ = true;
    paused_until_ = now + lastPause();
    return true;
}

void Health::answered() {
    failures_.clear();
    doublings_ = 0;
    is_on_trial_ = is_unreachable_ = false;
}

}  // namespace turnpike::gateway
