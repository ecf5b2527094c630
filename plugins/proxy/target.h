// target.h - one upstream as one worker sees it: its connections, each of which holds one of the places that all
// workers share, and its health. Loop thread only.
#pragma once
#include <string>

#include "connection.h"
#include "sdk/gateway/places.h"
#include "target_health.h"
#include "target_spec.h"

namespace turnpike::proxy {

class Pool;

class Target {
 public:
    /// What the host has made of a TargetSpec; `tls` is null where none is spoken.
    struct Place {
        tp_backend* handle;
        tp_tls* tls;
    };
    /// `spec` outlives it.
    Target(Pool& pool, const Place& place, const TargetSpec& spec, size_t index);
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    ~Target();

    /// For balancing; for people there is name().
    const std::string& address() const { return spec_.address; }
    const std::string& name() const { return spec_.name; }
    const std::string& authority() const { return spec_.authority; }
    size_t index() const { return index_; }
    uint64_t bit() const { return uint64_t{1} << index_; }
    TargetHealth& health() { return health_; }
    /// Connections of this worker that carry a request.
    size_t load() const { return places_.busy(); }
    bool hasIdle() const { return places_.hasIdle(); }

    /// A connection for one request: an idle one, or a new one if there is a place. Null: none now, see error().
    Connection* obtain(tp_request* payer);
    /// Of the last obtain(): errno of a connection that could not be made, now or a moment ago; 0: there is no
    /// place, or this side is short of something.
    int error() const { return error_; }
    /// That error in words.
    const std::string& reason() const { return reason_; }
    /// It has no request and may have the next.
    void rest(Connection& connection);
    /// Closes it and gives its place back.
    void drop(Connection& connection, tp_request* payer);
    void check(uint64_t now);

    /// A connection was made.
    void reached() { health_.reached(); }
    /// As tp_io.connect(), for who takes no place.
    int32_t dial(int32_t* done);
    /// None could be made. False: that says nothing about the target, which is tried again in a moment.
    bool cannotConnect(int error, const std::string& reason);
    /// A request failed there, or could not be sent there.
    void failed(const std::string& why);
    /// It is asked for its health.
    void asked(bool is_good, const std::string& why);

 private:
    static void placeChanged(void* self);
    Connection* connect(tp_request* payer);

    Pool& pool_;
    gateway::Places<Connection> places_;
    const TargetSpec& spec_;
    tp_tls* tls_;
    size_t index_;
    TargetHealth health_;
    int error_ = 0, trouble_ = 0;  // trouble_: what the last connection that could not be made says
    std::string reason_;           // the same in words
};

}  // namespace turnpike::proxy
