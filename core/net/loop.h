// loop.h - one thread's event loop: descriptors, timers, deferred calls, wake-ups from other threads. Everything
// on the loop's thread except post().
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "ledger/ledger.h"
#include "os/event.h"

namespace turnpike::net {

/// Something with a descriptor. The loop does not own it; it must outlive its registration. It may be destroyed
/// from inside any callback: remove() takes its pending events away.
class Source {
 public:
    virtual ~Source() = default;
    /// `what`: os::kReadable | kWritable | kHangup. `share_milli`: this event's part of the wait that told it, in
    /// thousandths of a call; it belongs to the request that the event serves.
    virtual void onEvent(uint32_t what, uint32_t share_milli) = 0;
};

/// A one-shot timer, embedded in whoever needs it: arming costs no allocation.
class Timer {
 public:
    Timer(void (*fired)(void*), void* arg) : fired_(fired), arg_(arg) {}
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    bool isArmed() const { return loop_ != nullptr; }

 private:
    friend class EventLoop;
    void (*fired_)(void*);
    void* arg_;
    class EventLoop* loop_ = nullptr;
    uint64_t due_ = 0;  // in ticks
    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
    uint32_t bucket_ = 0;
};

class EventLoop {
 public:
    static Result<std::unique_ptr<EventLoop>> create();
    ~EventLoop();

    /// Edge-triggered; `what` as in os::Poller::add().
    int add(int fd, uint32_t what, Source& source);
    int addShared(int fd, Source& source);
    /// Work is left although nothing will change: the source is told in the next round, after the others had their
    /// turn. As add() otherwise.
    int tellAgain(int fd, uint32_t what, Source& source);
    /// Before the descriptor is closed. Events of this round that are still to come are dropped.
    void remove(int fd, Source& source);
    /// The same for a descriptor that is closed right after it and that nobody else has: the kernel then takes it
    /// out by itself.
    void forget(Source& source);

    /// Fires no earlier than `ms` from now; while the loop is idle at most 2 ms late, or 10 ms from 64 ms on,
    /// where several then share a wake-up. Re-arming moves it.
    void arm(Timer& timer, uint64_t ms);
    void disarm(Timer& timer);

    /// Runs `fn(arg)` after the callbacks of this round, before the loop waits again.
    void later(void (*fn)(void*), void* arg);
    /// The same in the next round, which comes without waiting: after the others had their turn.
    void nextRound(void (*fn)(void*), void* arg);
    /// [any thread] As later(), waking the loop.
    void post(void (*fn)(void*), void* arg);

    /// The loop's time: CLOCK_MONOTONIC as of the last wake-up, one clock read a round.
    uint64_t nowNs() const { return now_; }
    void run();
    void stop() { running_ = false; }

 private:
    struct Waker;
    struct Call {
        void (*fn)(void*);
        void* arg;
    };
    static constexpr uint32_t kBuckets = 4096;  // of one tick each
    static constexpr uint64_t kTickNs = 1'000'000;
    static constexpr uint64_t kLongMs = 64, kLongTicks = 8;

    EventLoop(os::Poller poller, os::Fd waker);
    void round();
    void dispatch(int count);
    void fireTimers();
    int timeout() const;
    void runCalls();
    void link(Timer& timer);
    void unlink(Timer& timer);
    void fireBucket(uint32_t bucket);

    os::Poller poller_;
    os::Fd wake_fd_;
    std::unique_ptr<Waker> waker_;
    bool running_ = false;
    uint64_t now_ = 0, tick_ = 0;
    size_t armed_ = 0;
    std::vector<Timer*> buckets_;
    std::vector<uint64_t> occupied_;  // one bit a bucket: finding the next due one reads 64 words at most
    std::vector<Call> calls_, running_calls_, next_calls_;
    std::atomic<bool> has_posted_ = false;  // so that a round without any takes no lock
    std::mutex posted_mutex_;
    std::vector<Call> posted_;
    os::Event events_[128];
    int event_count_ = 0, event_next_ = 0;
    uint32_t event_share_ = 0;  // of this round
};

}  // namespace turnpike::net
