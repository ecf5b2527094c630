#include "sdk/fastcgi/health.h"

namespace turnpike::fastcgi {

void Health::unreachable(uint64_t now) {
    if (!unreachable_) since_ = now;
    unreachable_ = true;
    retry_at_ = now + kRetryMs;
}

// After the pause one more failure is enough to take it out again: what is left in failures_ says so.
bool Health::failed(uint64_t now) {
    while (!failures_.empty() && now > failures_.front() + rules_.window_ms) failures_.pop_front();
    failures_.push_back(now);
    if (failures_.size() < rules_.max_fails) return false;
    failures_.pop_front();
    for (uint64_t& when : failures_) when = now + rules_.pause_ms;
    out_until_ = now + rules_.pause_ms;
    return true;
}

}  // namespace turnpike::fastcgi
