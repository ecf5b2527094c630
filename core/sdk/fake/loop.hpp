// loop.hpp - the fake host's event loop: tasks, descriptors, timers and a small blocking pool. Descriptors are
// watched with the kernel's own edges (EPOLLET), as in the server: a plugin that does not read until it would
// block hangs here too. Everything but post() belongs to the loop thread.
#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <ctime>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "../plugin.h"
#include "check.hpp"

namespace turnpike::fake {

/// Two threads that run what may block.
class Pool {
 public:
    ~Pool() { stop(); }

    /// False when `limit` works wait already.
    bool add(std::function<void()> work) {
        std::lock_guard hold(lock_);
        if (queue_.size() >= limit) return false;
        queue_.push_back(std::move(work));
        if (threads_.empty())
            for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { serve(); });
        more_.notify_one();
        return true;
    }
    /// Finishes what is queued and ends the threads.
    void stop() {
        {
            std::lock_guard hold(lock_);
            stopping_ = true;
        }
        more_.notify_all();
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        stopping_ = false;
    }

    size_t limit = 512;

 private:
    void serve() {
        Threads::is_pool = true;
        std::unique_lock hold(lock_);
        for (;;) {
            more_.wait(hold, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            auto work = std::move(queue_.front());
            queue_.pop_front();
            hold.unlock();
            work();
            hold.lock();
        }
    }

    std::mutex lock_;
    std::condition_variable more_;
    std::deque<std::function<void()>> queue_;
    std::vector<std::thread> threads_;
    bool stopping_ = false;
};

class Loop {
 public:
    struct Watch {
        uint64_t id;
        int fd;
        std::function<void(uint32_t)> ready;
        const void* payer = nullptr;
    };
    struct Timer {
        std::multimap<uint64_t, Timer*>::iterator place;
        std::function<void()> fired;
    };

    Loop()
        : current_(this),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          waker_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        Threads::loop = std::this_thread::get_id();
        epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
        if (epoll_ < 0 || waker_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, waker_, &event) < 0)
            die("no epoll or eventfd: descriptor limit reached?");
    }
    ~Loop() {
        pool.stop();
        for (auto& timer : timers_) delete timer.second;
        ::close(epoll_);
        ::close(waker_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// [any] Runs `task` in a later turn, never from inside this call.
    void post(std::function<void()> task) {
        std::lock_guard hold(lock_);
        tasks_.push_back(std::move(task));
        uint64_t one = 1;
        [[maybe_unused]] ssize_t written = ::write(waker_, &one, sizeof one);  // full: it is awake already
    }

    /// CLOCK_MONOTONIC plus what advance() added, in nanoseconds.
    uint64_t now() const {
        timespec time{};
        ::clock_gettime(CLOCK_MONOTONIC, &time);
        return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(time.tv_nsec) +
               skipped_;
    }
    void advance(uint64_t milliseconds) { skipped_ += milliseconds * 1'000'000u; }

    /// Null with errno set when the kernel refuses the descriptor.
    Watch* watch(int fd, uint32_t events, std::function<void(uint32_t)> ready) {
        uint32_t wanted = EPOLLET | EPOLLRDHUP;
        if ((events & TP_READABLE) != 0) wanted |= EPOLLIN;
        if ((events & TP_WRITABLE) != 0) wanted |= EPOLLOUT;
        epoll_event event{.events = wanted, .data = {.u64 = ++last_id_}};
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) < 0) return nullptr;
        auto added = std::make_unique<Watch>(Watch{last_id_, fd, std::move(ready)});
        return (watches_[last_id_] = std::move(added)).get();
    }
    void unwatch(Watch* gone) {
        auto place = find(gone);
        if (::epoll_ctl(epoll_, EPOLL_CTL_DEL, place->second->fd, nullptr) < 0)
            die("unwatch() of a descriptor that was closed first");
        dead_.push_back(std::move(place->second));  // it may be the one that is running
        watches_.erase(place);
    }
    void charge(Watch* watch, const void* payer) { find(watch)->second->payer = payer; }

    Timer* timer(uint64_t milliseconds, std::function<void()> fired) {
        auto* armed = new Timer{{}, std::move(fired)};
        armed->place = timers_.emplace(now() + milliseconds * 1'000'000u, armed);
        return armed;
    }
    void cancel(Timer* timer) {
        auto place = std::find_if(timers_.begin(), timers_.end(), [&](auto& t) { return t.second == timer; });
        if (place == timers_.end()) die("cancel() of a timer that fired or was cancelled before");
        timers_.erase(place);
        delete timer;
    }

    /// One round: tasks, descriptors, timers. Waits at most wait_ms for something to do.
    void turn(int wait_ms) {
        if (runTasks()) wait_ms = 0;
        epoll_event events[64];
        int count = ::epoll_wait(epoll_, events, 64, timeout(wait_ms));
        for (int i = 0; i < count; ++i) tell(events[i]);
        fireTimers();
        dead_.clear();
    }

    size_t watches() const { return watches_.size(); }
    size_t timers() const { return timers_.size(); }

    Pool pool;

 private:
    bool runTasks() {
        std::deque<std::function<void()>> now_due;
        {
            std::lock_guard hold(lock_);
            now_due.swap(tasks_);
        }
        for (auto& task : now_due) task();
        return !now_due.empty();
    }
    int timeout(int wait_ms) {
        {
            std::lock_guard hold(lock_);
            if (!tasks_.empty()) return 0;
        }
        if (timers_.empty()) return wait_ms;
        uint64_t due = timers_.begin()->first, at = now();
        if (due <= at) return 0;
        return static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(wait_ms), (due - at) / 1'000'000u + 1));
    }
    void tell(const epoll_event& event) {
        if (event.data.u64 == 0) {
            uint64_t count;
            [[maybe_unused]] ssize_t taken = ::read(waker_, &count, sizeof count);  // empty: somebody else took it
            return;
        }
        auto place = watches_.find(event.data.u64);
        if (place == watches_.end()) return;  // an earlier event of this round took it away
        uint32_t what = 0;
        if ((event.events & EPOLLIN) != 0) what |= TP_READABLE;
        if ((event.events & EPOLLOUT) != 0) what |= TP_WRITABLE;
        if ((event.events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0) what |= TP_HANGUP;
        place->second->ready(what);
    }
    void fireTimers() {
        for (uint64_t at = now(); !timers_.empty() && timers_.begin()->first <= at;) {
            std::unique_ptr<Timer> due(timers_.begin()->second);
            timers_.erase(timers_.begin());
            due->fired();
        }
    }
    std::map<uint64_t, std::unique_ptr<Watch>>::iterator find(const Watch* watch) {
        auto place =
            std::find_if(watches_.begin(), watches_.end(), [&](auto& w) { return w.second.get() == watch; });
        if (place == watches_.end()) die("unwatch() or charge() of a watch that is gone");
        return place;
    }

    Current<Loop> current_;
    int epoll_, waker_;
    std::mutex lock_;
    std::deque<std::function<void()>> tasks_;
    std::map<uint64_t, std::unique_ptr<Watch>> watches_;
    std::vector<std::unique_ptr<Watch>> dead_;
    std::multimap<uint64_t, Timer*> timers_;
    uint64_t last_id_ = 0, skipped_ = 0;
};

}  // namespace turnpike::fake
