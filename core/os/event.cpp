#include "os/event.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "os/call.h"

namespace turnpike::os {
namespace {
constexpr int kBatch = 128;

int control(int poller, int operation, int fd, uint32_t what, void* who) {
    epoll_event event{};
    event.events = what;
    event.data.ptr = who;
    return static_cast<int>(
        call(ledger::Class::Event, false, [&] { return ::epoll_ctl(poller, operation, fd, &event); }));
}

uint32_t edges(uint32_t what) {
    uint32_t events = EPOLLET | EPOLLRDHUP;
    if ((what & kReadable) != 0) events |= EPOLLIN;
    if ((what & kWritable) != 0) events |= EPOLLOUT;
    return events;
}

int take(const epoll_event* got, int64_t count, Event* events) {
    ledger::count(ledger::Class::Event, count, false);
    for (int64_t i = 0; i < count; ++i) {
        events[i].who = got[i].data.ptr;
        events[i].what = 0;
        if ((got[i].events & EPOLLIN) != 0) events[i].what |= kReadable;
        if ((got[i].events & EPOLLOUT) != 0) events[i].what |= kWritable;
        if ((got[i].events & EPOLLRDHUP) != 0) events[i].what |= kHangup;
        if ((got[i].events & (EPOLLHUP | EPOLLERR)) != 0) events[i].what |= kHangup | kGone;
    }
    return static_cast<int>(count);
}
}  // namespace

Result<Poller> Poller::create() {
    int fd = static_cast<int>(call(ledger::Class::Event, false, [] { return ::epoll_create1(EPOLL_CLOEXEC); }));
    if (fd < 0) return Error{-fd, std::string("epoll_create1: ") + std::strerror(-fd)};
    return Poller(Fd(fd, ledger::Class::Event));
}

int Poller::add(int fd, uint32_t what, void* who) {
    return control(fd_.get(), EPOLL_CTL_ADD, fd, edges(what), who);
}

int Poller::tellAgain(int fd, uint32_t what, void* who) {
    return control(fd_.get(), EPOLL_CTL_MOD, fd, edges(what), who);
}

int Poller::addShared(int fd, void* who) {
    return control(fd_.get(), EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLEXCLUSIVE, who);
}

int Poller::remove(int fd) { return control(fd_.get(), EPOLL_CTL_DEL, fd, 0, nullptr); }

int Poller::wait(Event* events, int size, int timeout_ms) {
    epoll_event got[kBatch];
    int64_t count = ::epoll_wait(fd_.get(), got, std::min(size, kBatch), timeout_ms);
    return take(got, count < 0 ? -errno : count, events);
}

int Poller::waitNs(Event* events, int size, uint64_t timeout_ns) {
    epoll_event got[kBatch];
    timespec most{static_cast<time_t>(timeout_ns / 1'000'000'000), static_cast<long>(timeout_ns % 1'000'000'000)};
    int64_t count = ::epoll_pwait2(fd_.get(), got, std::min(size, kBatch), &most, nullptr);
    return take(got, count < 0 ? -errno : count, events);
}

Result<Fd> makeWaker() {
    int fd = static_cast<int>(
        call(ledger::Class::Event, false, [] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }));
    if (fd < 0) return Error{-fd, std::string("eventfd: ") + std::strerror(-fd)};
    return Fd(fd, ledger::Class::Event);
}

void wake(int waker) {
    uint64_t one = 1;
    static_assert(sizeof one == kWakeBytes);
    call(ledger::Class::Event, true, [&] { return ::write(waker, &one, sizeof one); });
}

uint64_t drain(int waker) {
    uint64_t value = 0;
    auto got = call(ledger::Class::Event, true, [&] { return ::read(waker, &value, sizeof value); });
    return got == sizeof value ? value : 0;
}

}  // namespace turnpike::os
