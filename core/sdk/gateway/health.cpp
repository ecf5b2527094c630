#include "sdk/gateway/health.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace turnpike::gateway {

bool isShortage(int error) {
    switch (error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
        case EADDRNOTAVAIL:  // connect(2): every ephemeral port is in use
        case EADDRINUSE:
            return true;
        default:
            return false;
    }
}

void Health::unreachable(uint64_t now) {
    if (!is_unreachable_) since_ = now;
    is_unreachable_ = true;
    retry_at_ = now + kRetryMs;
}

bool Health::later(uint64_t now) {
    retry_at_ = now + kRetryMs;
    return !std::exchange(is_short_, true);
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
    is_on_trial_ = false;
    reached();
}

}  // namespace turnpike::gateway
