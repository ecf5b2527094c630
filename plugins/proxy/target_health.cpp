#include "target_health.h"

#include <algorithm>

namespace turnpike::proxy {

// After a pause one more failure is enough, and the next pause is twice as long.
bool TargetHealth::failed(uint64_t now) {
    if (isPaused(now)) return false;  // requests that were under way when it began
    while (!failures_.empty() && now > failures_.front() + rules_.window_ms) failures_.pop_front();
    failures_.push_back(now);
    if (!is_on_trial_ && failures_.size() < rules_.max_fails) return false;
    failures_.clear();
    if (is_on_trial_) backoff_ = std::min(backoff_ + 1, kMostBackoff);
    is_on_trial_ = true;
    paused_until_ = now + lastPause();
    return true;
}

bool TargetHealth::asked(bool is_good) {
    const bool was_down = isDown();
    bad_answers_ = is_good ? 0 : std::min(bad_answers_ + 1, kBadAnswers);
    return isDown() != was_down;
}

}  // namespace turnpike::proxy
