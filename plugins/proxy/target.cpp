#include "target.h"

#include <algorithm>
#include <utility>

#include "pool.h"

namespace turnpike::proxy {

Target::Target(Pool& pool, tp_backend* handle, std::string address, size_t index)
    : pool_(pool),
      handle_(handle),
      address_(std::move(address)),
      index_(index),
      health_({pool.settings().max_fails, pool.settings().fail_window_ms, pool.settings().fail_pause_ms}) {
    pool_.services().backends->on_place(handle_, pool_.worker(), placeChanged, this);
}

Target::~Target() {
    while (!connections_.empty()) drop(*connections_.back(), nullptr);
}

bool Target::isWanted() const { return pool_.services().backends->wanted(handle_, pool_.worker()) == 1; }

void Target::placeChanged(void* self) {
    auto* target = static_cast<Target*>(self);
    Pool::Entry entry(target->pool_);
    while (!target->idle_.empty() && target->isWanted()) target->drop(*target->idle_.front(), nullptr);
    target->pool_.dispatch();
}

Connection* Target::obtain(tp_request* payer) {
    error_ = 0;
    if (!idle_.empty()) {
        Connection* connection = idle_.back();
        idle_.pop_back();
        return connection;
    }
    if (pool_.services().backends->acquire(handle_, pool_.worker()) != 1) return nullptr;
    return connect(payer);
}

Connection* Target::connect(tp_request* payer) {
    const gateway::Services& services = pool_.services();
    int32_t done = 0;
    const int32_t fd = services.io->connect(payer, str(address_), &done);
    if (fd < 0) {
        services.backends->release(handle_, pool_.worker());
        error_ = -fd;
        return nullptr;
    }
    connections_.push_back(std::make_unique<Connection>(pool_, *this, fd));
    Connection& connection = *connections_.back();
    if (const int error = connection.open(done == 1); error < 0) {
        error_ = -error;
        drop(connection, payer);
        return nullptr;
    }
    return &connection;
}

void Target::rest(Connection& connection) {
    if (isWanted()) return drop(connection, nullptr);
    idle_.push_back(&connection);
}

void Target::drop(Connection& connection, tp_request* payer) {
    std::erase(idle_, &connection);
    connection.close(payer);
    auto place = std::find_if(connections_.begin(), connections_.end(),
                              [&](const auto& owned) { return owned.get() == &connection; });
    pool_.bury(std::move(*place));
    connections_.erase(place);
    pool_.services().backends->release(handle_, pool_.worker());
}

void Target::check(uint64_t now) {
    std::vector<Connection*> all;  // what closes meanwhile stays until the pool is left
    all.reserve(connections_.size());
    for (const auto& connection : connections_) all.push_back(connection.get());
    for (Connection* connection : all) connection->check(now);
}

void Target::failed(const std::string& why) {
    if (!pool_.hasOthers() || !health_.failed(pool_.readClock())) return;
    pool_.services().host->log(TP_LOG_ERROR, str("target " + address_ + " failed too often: it is left out for " +
                                                 std::to_string(health_.lastPause()) + " ms (last: " + why + ")"));
}

void Target::asked(bool is_good, const std::string& why) {
    if (!health_.asked(is_good)) return;
    const std::string what =
        is_good ? " answers well again: it is asked again" : " does not answer well, it gets no requests: " + why;
    pool_.services().host->log(is_good ? TP_LOG_INFO : TP_LOG_ERROR, str("target " + address_ + what));
    pool_.dispatch();
}

}  // namespace turnpike::proxy
