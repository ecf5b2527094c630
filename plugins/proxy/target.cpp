#include "target.h"

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "pool.h"

namespace turnpike::proxy {

Target::Target(Pool& pool, const Place& place, const TargetSpec& spec, size_t index)
    : pool_(pool),
      places_(pool.services(), pool.worker(), place.handle),
      spec_(spec),
      tls_(place.tls),
      index_(index),
      health_({pool.settings().max_fails, pool.settings().fail_window_ms, pool.settings().fail_pause_ms}) {
    places_.onChange(placeChanged, this);
}

Target::~Target() {
    while (!places_.all().empty()) drop(*places_.all().back(), nullptr);
}

void Target::placeChanged(void* self) {
    auto* target = static_cast<Target*>(self);
    Pool::Entry entry(target->pool_);
    gateway::Places<Connection>& places = target->places_;
    while (places.hasIdle() && places.isWanted()) target->drop(places.idleLongest(), nullptr);
    target->pool_.dispatch();
}

Connection* Target::obtain(tp_request* payer) {
    error_ = 0;
    if (places_.hasIdle()) {
        Connection& connection = places_.usedLast();
        places_.wake(connection);
        return &connection;
    }
    if (health_.isHeldOff(pool_.now())) {
        error_ = trouble_;
        return nullptr;
    }
    return places_.acquire() ? connect(payer) : nullptr;
}

Connection* Target::connect(tp_request* payer) {
    int32_t done = 0;
    const int32_t fd = places_.connect(payer, spec_.address, &done, tls_);
    if (fd < 0) {
        error_ = cannotConnect(-fd, gateway::errorText(-fd)) ? -fd : 0;
        return nullptr;
    }
    Connection& connection = places_.add(std::make_unique<Connection>(pool_, *this, fd));
    if (const int error = connection.open(done == 1); error < 0) {
        error_ = cannotConnect(-error, gateway::errorText(-error)) ? -error : 0;
        drop(connection, payer);
        return nullptr;
    }
    if (done == 1) reached();
    return &connection;
}

int32_t Target::dial(int32_t* done) { return pool_.services().connect(nullptr, spec_.address, tls_, done); }

void Target::rest(Connection& connection) {
    if (places_.isWanted()) return drop(connection, nullptr);
    places_.rest(connection);
}

void Target::drop(Connection& connection, tp_request* payer) {
    connection.close(payer);
    pool_.bury(places_.remove(connection));
}

void Target::check(uint64_t now) {
    std::vector<Connection*> all;  // what closes meanwhile stays until the pool is left
    all.reserve(places_.all().size());
    for (const auto& connection : places_.all()) all.push_back(connection.get());
    for (Connection* connection : all) connection->check(now);
}

bool Target::cannotConnect(int error, const std::string& reason) {
    reason_ = reason;
    if (pool_.postpone(health_, "target " + name(), error)) {
        trouble_ = 0;
        return false;
    }
    // One that does not answer at all has held its requests up for connect_timeout: each tries for itself.
    if (error == ETIMEDOUT) return true;
    trouble_ = error;
    health_.unreachable(pool_.readClock());
    return true;
}

void Target::failed(const std::string& why) {
    if (!pool_.hasOthers() || !health_.failed(pool_.readClock())) return;
    pool_.services().host->log(TP_LOG_ERROR, str("target " + name() + " failed too often: it is left out for " +
                                                 std::to_string(health_.lastPause()) + " ms (last: " + why + ")"));
}

void Target::asked(bool is_good, const std::string& why) {
    if (!health_.asked(is_good)) return;
    const std::string what =
        is_good ? " answers well again: it is asked again" : " does not answer well, it gets no requests: " + why;
    pool_.services().host->log(is_good ? TP_LOG_INFO : TP_LOG_ERROR, str("target " + name() + what));
    pool_.dispatch();
}

}  // namespace turnpike::proxy
