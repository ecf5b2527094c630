// ticket.h - weak references to a request for other threads. The loop owns the request; a ticket that comes home
// after its request has ended finds null.
#pragma once
#include <mutex>
#include <vector>

#include "net/loop.h"
#include "sdk/plugin.h"

/// The opaque ticket of plugin.h. `request` is read and written on the loop thread only.
struct tp_ticket {
    turnpike::net::EventLoop* loop;
    tp_request* request;
    void (*run)(tp_request*, void*) = nullptr;
    void* arg = nullptr;
};

namespace turnpike::server {

/// The tickets of one request that are still out.
class Tickets {
 public:
    tp_ticket* issue(net::EventLoop& loop, tp_request* request);
    /// The request ends: its tickets come home to nobody.
    void drop();
    void forget(tp_ticket* ticket);

 private:
    std::mutex mutex_;  // a blocking plugin defers on the pool
    std::vector<tp_ticket*> out_;
};

}  // namespace turnpike::server
