// backend.h - one address where requests are answered, as one worker sees it: its connections, each of which holds
// one of the backend's places, and its health. Loop thread only.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sdk/fastcgi/connection.h"
#include "sdk/fastcgi/lanes.h"
#include "sdk/gateway/health.h"
#include "sdk/gateway/places.h"

namespace turnpike::fastcgi {

class Pool;
using gateway::Health;

/// A declared backend, and where it is reached: what services.h says of connect().
struct BackendAt {
    tp_backend* handle = nullptr;
    std::string address;
};

class Backend {
 public:
    Backend(Pool& pool, const BackendAt& at);
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    ~Backend();

    const std::string& address() const { return address_; }
    bool sharesMemory() const { return address_.starts_with("memory:"); }
    Health& health() { return health_; }
    /// Requests that this worker has there.
    size_t load() const { return load_; }

    /// A connection for one request: an idle one, or a new one if there is a place; if the request `may_wait`
    /// there, a lane to a program that is busy, but begins it sooner than another could be woken, or is at least
    /// quick when there is no other. Null: none now.
    Connection* obtain(tp_request* payer, bool may_wait);
    /// It has no request and may have the next, unless another worker has more right to its place.
    void rest(Connection& connection);
    /// Closes it, and gives the place back when no other lane has a request that was begun. Those that were not
    /// are put back.
    void drop(Connection& connection, tp_request* payer);
    void check(uint64_t now);

    /// None of its processes lives: no connection that is not broken was ever taken.
    bool isDown() const { return places_.isDown(); }
    /// A connection could not be made.
    void cannotConnect(int error);
    void reached();
    void failed();
    void answered();
    /// A connection is made, and may carry the next request.
    bool hasConnection() const;
    /// Why the last connection could not be made.
    const std::string& trouble() const { return trouble_; }

 private:
    static void placeChanged(void* self);
    void yieldIdle();
    Connection* connect(tp_request* payer);
    Connection* laneSooner(tp_request* payer);
    Connection* laneAnyhow(tp_request* payer);
    Connection* lane(Lanes& lanes, tp_request* payer);
    Connection* add(Lanes& lanes, int fd, bool is_connected, tp_request* payer);
    Connection* take(Connection& connection);
    void untake(Connection& connection);
    void close(Lanes& lanes);
    void unreachable(const std::string& why);

    Pool& pool_;
    gateway::Places<Lanes> places_;
    std::string address_, trouble_;
    Health health_;
    bool was_refused_ = false;  // a place, since the last call of placeChanged()
    size_t load_ = 0;
};

}  // namespace turnpike::fastcgi
