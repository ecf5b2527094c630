// reactor.h - waiting for a few descriptors and timers, for master and spawner: they watch tens of descriptors, so
// poll(2) and std::function are enough, and nothing here is on a request's path in a worker. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "os/event.h"
#include "os/local.h"

namespace turnpike::process {

class Reactor {
 public:
    using Ready = std::function<void(uint32_t what)>;  // os::kReadable | kWritable | kHangup
    /// To watch for: a file of the kernel's, such as memory.events, says something new (POLLPRI) until it is read.
    static constexpr uint32_t kNews = 16;

    /// Calls `ready` as long as fd is (level-triggered). Called again for the same fd it replaces.
    void watch(int fd, uint32_t what, Ready ready);
    /// Before fd is closed. Safe for one that is not watched, and from inside any callback.
    void unwatch(int fd);

    /// Calls `fired` once, `ms` from now. The number cancels it; it is never 0.
    uint64_t after(uint64_t ms, std::function<void()> fired);
    void cancel(uint64_t timer);

    /// Until stop().
    void run();
    void stop() { running_ = false; }

 private:
    struct Watch {
        uint64_t serial;
        uint32_t what;
        std::shared_ptr<Ready> ready;
    };
    struct Timer {
        uint64_t due_ms, id;
        std::function<void()> fired;
    };
    void collect();
    void dispatch();
    void fireTimers();
    int timeout() const;

    std::map<int, Watch> watches_;
    std::vector<Timer> timers_;
    std::vector<pollfd> polled_;
    std::vector<uint64_t> serials_;  // of polled_, to tell a descriptor that was closed and opened again
    uint64_t next_ = 1;
    bool changed_ = true, running_ = true;
};

}  // namespace turnpike::process
