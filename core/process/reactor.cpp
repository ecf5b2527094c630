#include "process/reactor.h"

#include <algorithm>

#include "base/clock.h"

namespace turnpike::process {
namespace {
uint64_t nowMs() { return monotonicNs() / 1'000'000; }

uint32_t translate(short revents) {
    uint32_t what = 0;
    if ((revents & POLLIN) != 0) what |= os::kReadable;
    if ((revents & POLLOUT) != 0) what |= os::kWritable;
    if ((revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) what |= os::kHangup;
    return what;
}
}  // namespace

void Reactor::watch(int fd, uint32_t what, Ready ready) {
    watches_[fd] = {next_++, what, std::make_shared<Ready>(std::move(ready))};
    changed_ = true;
}

void Reactor::unwatch(int fd) { changed_ = watches_.erase(fd) > 0 || changed_; }

uint64_t Reactor::after(uint64_t ms, std::function<void()> fired) {
    timers_.push_back({nowMs() + ms, next_, std::move(fired)});
    return next_++;
}

void Reactor::cancel(uint64_t timer) {
    std::erase_if(timers_, [timer](const Timer& t) { return t.id == timer; });
}

void Reactor::collect() {
    if (!changed_) return;
    polled_.clear();
    serials_.clear();
    for (const auto& [fd, watch] : watches_) {
        short events = 0;
        if ((watch.what & os::kReadable) != 0) events |= POLLIN;
        if ((watch.what & os::kWritable) != 0) events |= POLLOUT;
        if ((watch.what & kNews) != 0) events |= POLLPRI;
        polled_.push_back({fd, events, 0});
        serials_.push_back(watch.serial);
    }
    changed_ = false;
}

int Reactor::timeout() const {
    if (timers_.empty()) return -1;
    uint64_t due = timers_.front().due_ms;
    for (const Timer& t : timers_) due = std::min(due, t.due_ms);
    uint64_t now = nowMs();
    return due <= now ? 0 : static_cast<int>(std::min<uint64_t>(due - now, 3'600'000));
}

void Reactor::dispatch() {
    for (size_t i = 0; i < polled_.size(); ++i) {
        if (polled_[i].revents == 0) continue;
        auto found = watches_.find(polled_[i].fd);
        if (found == watches_.end() || found->second.serial != serials_[i]) continue;
        auto ready = found->second.ready;  // outlives an unwatch() from inside
        (*ready)(translate(polled_[i].revents));
    }
}

void Reactor::fireTimers() {
    uint64_t now = nowMs();
    for (;;) {
        auto due = std::find_if(timers_.begin(), timers_.end(), [now](const Timer& t) { return t.due_ms <= now; });
        if (due == timers_.end()) return;
        auto fired = std::move(due->fired);
        timers_.erase(due);
        fired();
    }
}

void Reactor::run() {
    while (running_) {
        collect();
        if (os::poll(polled_.data(), polled_.size(), timeout()) > 0) dispatch();
        fireTimers();
    }
}

}  // namespace turnpike::process
