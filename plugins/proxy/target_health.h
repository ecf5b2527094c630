// target_health.h - what requests and questions have taught a worker about a target. Pure: the time is an
// argument, in milliseconds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace turnpike::proxy {

class TargetHealth {
 public:
    struct Rules {
        size_t max_fails;
        uint64_t window_ms, pause_ms;
    };
    explicit TargetHealth(Rules rules) : rules_(rules) {}

    /// No request is sent while it answers questions badly.
    bool isDown() const { return bad_answers_ >= kBadAnswers; }
    /// It failed requests too often, and has its pause.
    bool isPaused(uint64_t now) const { return now < paused_until_; }
    /// A request failed there. True: that begins a pause, of lastPause() ms.
    bool failed(uint64_t now);
    uint64_t lastPause() const { return rules_.pause_ms << backoff_; }
    void answered() {
        failures_.clear();
        backoff_ = 0;
        is_on_trial_ = false;
    }
    /// The answer to a question. True: it is down now and was not, or the other way round.
    bool asked(bool is_good);

 private:
    static constexpr unsigned kBadAnswers = 2, kMostBackoff = 4;

    Rules rules_;
    uint64_t paused_until_ = 0;
    unsigned bad_answers_ = 0, backoff_ = 0;
    bool is_on_trial_ = false;  // it had its pause, and has not answered well since
    std::deque<uint64_t> failures_;
};

}  // namespace turnpike::proxy
