// event.h - waiting for many descriptors, and waking another thread or process. epoll here; the functions are
// cut so that kqueue (EV_CLEAR, EVFILT_USER) fits behind them.
#pragma once
#include <cstdint>

#include "base/result.h"
#include "os/fd.h"

namespace turnpike::os {

/// kHangup: the peer has ended its sending, and may still read. kGone, always with kHangup: it has not even that,
/// as after a reset.
inline constexpr uint32_t kReadable = 1, kWritable = 2, kHangup = 4, kGone = 8;

struct Event {
    void* who;      // as given to add()
    uint32_t what;  // kReadable | kWritable | kHangup | kGone
};

/// One event queue. Not shared between threads.
class Poller {
 public:
    static Result<Poller> create();

    /// Edge-triggered: told once per change. kHangup and kGone are always told.
    int add(int fd, uint32_t what, void* who);
    /// For a listening socket that several processes share: level-triggered, one of them is woken.
    int addShared(int fd, void* who);
    /// The next wait() tells again what is ready, though nothing changed.
    int tellAgain(int fd, uint32_t what, void* who);
    int remove(int fd);
    /// Waits up to timeout_ms (-1: for ever) and fills at most `size` events; their number, 0, or -errno.
    int wait(Event* events, int size, int timeout_ms);
    /// The same to the nanosecond (Linux 5.11; before: -ENOSYS).
    int waitNs(Event* events, int size, uint64_t timeout_ns);

 private:
    explicit Poller(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

/// A counter that makes a descriptor readable: wake() from any thread or process, drain() by its owner, who is
/// told how often it was woken.
Result<Fd> makeWaker();
void wake(int waker);
uint64_t drain(int waker);
inline constexpr uint64_t kWakeBytes = 8;  // that cross for each of them

}  // namespace turnpike::os
