// health.h - what requests have taught a worker about a backend. Pure: the time is an argument, in milliseconds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace turnpike::gateway {

/// What a connection needs of this side is short: descriptors, memory, or ports to that address.
bool isShortage(int error);

class Health {
 public:
    /// While a backend cannot be reached it is tried again that often.
    static constexpr uint64_t kRetryMs = 50;

    struct Rules {
        size_t max_fails;
        uint64_t window_ms, pause_ms;
    };
    /// `most_doublings`: so many times a pause may become twice as long as the one before.
    explicit Health(Rules rules, unsigned most_doublings = 0) : rules_(rules), most_doublings_(most_doublings) {}

    /// It failed requests too often, and has its pause.
    bool isPaused(uint64_t now) const { return now < paused_until_; }
    /// It may be asked, over a connection that is there.
    bool isUsable(uint64_t now) const { return !isPaused(now); }
    /// It could not be connected to a moment ago, and is not to be tried again yet.
    bool isHeldOff(uint64_t now) const { return now < retry_at_; }
    /// It may be asked for a new connection.
    bool mayConnect(uint64_t now) const { return isUsable(now) && !isHeldOff(now); }
    /// No connection could be made since, and how long that is so; 0: it can be reached.
    bool isUnreachable() const { return is_unreachable_; }
    uint64_t unreachableFor(uint64_t now) const { return is_unreachable_ && now > since_ ? now - since_ : 0; }

    void unreachable(uint64_t now);
    void reached() { is_unreachable_ = is_short_ = false; }
    /// No connection could be made, by a shortage or because its backlog is full: it is tried again, and that says
    /// nothing about it. True: for the first time since it was reached.
    bool later(uint64_t now);
    bool isRetrying(uint64_t now) const { return is_unreachable_ || isHeldOff(now); }
    /// It took a request and gave no good answer. True: that begins a pause, of lastPause() ms.
    bool failed(uint64_t now);
    uint64_t lastPause() const { return rules_.pause_ms << doublings_; }
    void answered();

 private:
    Rules rules_;
    unsigned most_doublings_, doublings_ = 0;
    uint64_t paused_until_ = 0, retry_at_ = 0, since_ = 0;
    bool is_unreachable_ = false;
    bool is_short_ = false;     // said once that connecting must wait
    bool is_on_trial_ = false;  // it had its pause, and has not answered well since
    std::deque<uint64_t> failures_;
};

}  // namespace turnpike::gateway
