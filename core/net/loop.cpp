#include "net/loop.h"

#include <algorithm>
#include <bit>

#include "base/clock.h"

namespace turnpike::net {

/// Makes wait() return when another thread has posted something.
struct EventLoop::Waker final : Source {
    explicit Waker(int fd) : fd_(fd) {}
    /// The threads that woke the loop have no account that anybody reads: the loop's own pays for their calls.
    void onEvent(uint32_t, uint32_t) override {
        uint64_t wakes = os::drain(fd_);
        tp_crossing& paid = ledger::payer().of[static_cast<size_t>(ledger::Class::Event)];
        paid.calls += wakes;
        paid.bytes += wakes * os::kWakeBytes;
    }
    int fd_;
};

Timer::~Timer() {
    if (loop_ != nullptr) loop_->disarm(*this);
}

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    auto poller = os::Poller::create();
    if (!poller) return poller.error();
    auto waker = os::makeWaker();
    if (!waker) return waker.error();
    std::unique_ptr<EventLoop> loop(new EventLoop(std::move(*poller), std::move(*waker)));
    int added = loop->add(loop->wake_fd_.get(), os::kReadable, *loop->waker_);
    if (added < 0) return Error{-added, "cannot watch the loop's waker"};
    return loop;
}

EventLoop::EventLoop(os::Poller poller, os::Fd waker)
    : poller_(std::move(poller)),
      wake_fd_(std::move(waker)),
      waker_(std::make_unique<Waker>(wake_fd_.get())),
      now_(monotonicNs()),
      tick_(now_ / kTickNs),
      buckets_(kBuckets, nullptr),
      occupied_(kBuckets / 64, 0) {}

EventLoop::~EventLoop() {
    for (Timer* first : buckets_)
        for (Timer* t = first; t != nullptr; t = t->next_) t->loop_ = nullptr;
}

int EventLoop::add(int fd, uint32_t what, Source& source) { return poller_.add(fd, what, &source); }
int EventLoop::tellAgain(int fd, uint32_t what, Source& source) { return poller_.tellAgain(fd, what, &source); }
int EventLoop::addShared(int fd, Source& source) { return poller_.addShared(fd, &source); }

void EventLoop::remove(int fd, Source& source) {
    poller_.remove(fd);
    forget(source);
}

void EventLoop::forget(Source& source) {
    for (int i = event_next_; i < event_count_; ++i) {
        if (events_[i].who != &source) continue;
        events_[i].who = nullptr;
        ledger::payer().event_milli += event_share_;  // it was told all the same
    }
}

void EventLoop::arm(Timer& timer, uint64_t ms) {
    uint64_t due = (now_ + ms * 1'000'000) / kTickNs + 1;
    if (ms >= kLongMs) due = (due + kLongTicks - 1) / kLongTicks * kLongTicks;
    bool only_later = timer.loop_ != nullptr && due >= timer.due_;
    if (timer.loop_ != nullptr && !only_later) unlink(timer);
    timer.due_ = due;
    // Most timers are put off again and again and never fire: such a one moves when its old bucket comes round.
    if (!only_later) link(timer);
}

void EventLoop::disarm(Timer& timer) {
    if (timer.loop_ != nullptr) unlink(timer);
}

void EventLoop::link(Timer& timer) {
    timer.loop_ = this;
    timer.bucket_ = static_cast<uint32_t>(timer.due_ % kBuckets);
    Timer*& first = buckets_[timer.bucket_];
    timer.previous_ = nullptr;
    timer.next_ = first;
    if (first != nullptr) first->previous_ = &timer;
    first = &timer;
    occupied_[timer.bucket_ / 64] |= uint64_t{1} << (timer.bucket_ % 64);
    ++armed_;
}

void EventLoop::unlink(Timer& timer) {
    if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
    if (timer.previous_ != nullptr)
        timer.previous_->next_ = timer.next_;
    else
        buckets_[timer.bucket_] = timer.next_;
    if (buckets_[timer.bucket_] == nullptr)
        occupied_[timer.bucket_ / 64] &= ~(uint64_t{1} << (timer.bucket_ % 64));
    timer.loop_ = nullptr;
    --armed_;
}

void EventLoop::later(void (*fn)(void*), void* arg) { calls_.push_back({fn, arg}); }

void EventLoop::nextRound(void (*fn)(void*), void* arg) { next_calls_.push_back({fn, arg}); }

void EventLoop::post(void (*fn)(void*), void* arg) {
    bool first;
    {
        std::lock_guard lock(posted_mutex_);
        first = posted_.empty();
        posted_.push_back({fn, arg});
        has_posted_.store(true, std::memory_order_release);
    }
    if (!first) return;
    ledger::Account elsewhere;  // see Waker
    ledger::Scope charge(elsewhere);
    os::wake(wake_fd_.get());
}

void EventLoop::run() {
    running_ = true;
    while (running_) round();
}

void EventLoop::round() {
    calls_.insert(calls_.end(), next_calls_.begin(), next_calls_.end());
    next_calls_.clear();
    int count = poller_.wait(events_, static_cast<int>(std::size(events_)), timeout());
    now_ = monotonicNs();
    if (count > 0) dispatch(count);
    fireTimers();
    runCalls();
}

void EventLoop::dispatch(int count) {
    event_share_ = ledger::isOn() ? static_cast<uint32_t>(1000 / count) : 0;
    event_count_ = count;
    for (event_next_ = 0; event_next_ < event_count_;) {
        const os::Event event = events_[event_next_++];
        if (event.who != nullptr) static_cast<Source*>(event.who)->onEvent(event.what, event_share_);
    }
    event_count_ = event_next_ = 0;
}

void EventLoop::fireBucket(uint32_t bucket) {
    // A callback may disarm or destroy any timer, so the walk starts again after each one that fired.
    for (Timer* t = buckets_[bucket]; t != nullptr;) {
        if (t->due_ > tick_) {
            Timer* next = t->next_;
            if (t->due_ % kBuckets != bucket) {
                unlink(*t);
                link(*t);
            }
            t = next;
            continue;
        }
        unlink(*t);
        t->fired_(t->arg_);
        t = buckets_[bucket];
    }
}

void EventLoop::fireTimers() {
    uint64_t now_tick = now_ / kTickNs;
    if (now_tick == tick_) return;
    // After a long sleep every bucket is due at most once.
    uint64_t first = std::max(tick_ + 1, now_tick >= kBuckets ? now_tick - kBuckets + 1 : 0);
    tick_ = now_tick;
    if (armed_ == 0) return;
    for (uint64_t tick = first; tick <= now_tick; ++tick) {
        auto bucket = static_cast<uint32_t>(tick % kBuckets);
        if (buckets_[bucket] != nullptr) fireBucket(bucket);
    }
}

int EventLoop::timeout() const {
    if (!calls_.empty()) return 0;
    if (armed_ == 0) return -1;
    auto start = static_cast<uint32_t>((tick_ + 1) % kBuckets);
    uint64_t word = occupied_[start / 64] & (~uint64_t{0} << (start % 64));
    for (uint32_t step = 0, at = start / 64; step <= kBuckets / 64; ++step) {
        if (word != 0) {
            uint32_t bucket = at * 64 + static_cast<uint32_t>(std::countr_zero(word));
            uint64_t ticks = (bucket + kBuckets - start) % kBuckets + 1;
            uint64_t due_ns = (tick_ + ticks) * kTickNs;
            return due_ns <= now_ ? 0 : static_cast<int>((due_ns - now_) / 1'000'000 + 1);
        }
        at = (at + 1) % (kBuckets / 64);
        word = occupied_[at];
    }
    return -1;
}

void EventLoop::runCalls() {
    if (has_posted_.load(std::memory_order_acquire)) {
        std::lock_guard lock(posted_mutex_);
        calls_.insert(calls_.end(), posted_.begin(), posted_.end());
        posted_.clear();
        has_posted_.store(false, std::memory_order_relaxed);
    }
    // Calls made by these calls run too, before the next wait: a response that ends here leaves here.
    while (!calls_.empty()) {
        running_calls_.swap(calls_);
        for (const Call& c : running_calls_) c.fn(c.arg);
        running_calls_.clear();
    }
}

}  // namespace turnpike::net
