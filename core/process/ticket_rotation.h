// ticket_rotation.h - new keys for session tickets, from time to time. In the master, which alone writes them.
#pragma once
#include "net/ticket_keys.h"
#include "os/log.h"
#include "process/reactor.h"

namespace turnpike::process {

class TicketRotation {
 public:
    /// The key before the newest one still opens tickets: one is good for this long at least, twice as long at
    /// most.
    static constexpr uint64_t kEveryMs = 12ull * 3600 * 1000;

    TicketRotation(Reactor& reactor, os::ErrorLog& log, net::TicketKeys& keys, uint64_t every_ms = kEveryMs)
        : reactor_(reactor), log_(log), keys_(keys), every_ms_(every_ms) {}
    ~TicketRotation() { reactor_.cancel(timer_); }
    TicketRotation(const TicketRotation&) = delete;
    TicketRotation& operator=(const TicketRotation&) = delete;

    /// A key now, and the next ones in their time.
    void start();

 private:
    Reactor& reactor_;
    os::ErrorLog& log_;
    net::TicketKeys& keys_;
    uint64_t every_ms_, timer_ = 0;
};

}  // namespace turnpike::process
