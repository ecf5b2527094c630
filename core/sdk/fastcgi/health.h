// health.h - what requests have taught a worker about a backend. Pure: the time is an argument, in milliseconds.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

namespace turnpike::fastcgi {

class Health {
 public:
    /// While a backend cannot be reached it is tried again that often.
    static constexpr uint64_t kRetryMs = 50;

    struct Rules {
        size_t max_fails;
        uint64_t window_ms, pause_ms;
    };
    explicit Health(Rules rules) : rules_(rules) {}

    /// It may be asked, over a connection that is there.
    bool isUsable(uint64_t now) const { return now >= out_until_; }
    /// It may be asked for a new connection.
    bool mayConnect(uint64_t now) const { return isUsable(now) && now >= retry_at_; }
    /// No connection could be made since, and how long that is so; 0: it can be reached.
    bool isUnreachable() const { return unreachable_; }
    uint64_t unreachableFor(uint64_t now) const { return unreachable_ && now > since_ ? now - since_ : 0; }

    void unreachable(uint64_t now);
    void reached() { unreachable_ = false; }
    /// What is short is on this side (descriptors, a full backlog): it is tried again, and says nothing about it.
    void later(uint64_t now) { retry_at_ = now + kRetryMs; }
    bool isRetrying(uint64_t now) const { return unreachable_ || now < retry_at_; }
    /// It took a request and gave no good answer. True: that takes it out.
    bool failed(uint64_t now);
    void answered() { failures_.clear(); }

 private:
    Rules rules_;
    uint64_t out_until_ = 0, retry_at_ = 0, since_ = 0;
    bool unreachable_ = false;
    std::deque<uint64_t> failures_;
};

}  // namespace turnpike::fastcgi
