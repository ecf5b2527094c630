#include "sdk/fastcgi/backend.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "sdk/fastcgi/pool.h"

namespace turnpike::fastcgi {
namespace {

// A connection that was idle for so long is given up when another worker waits, even one that has as many.
constexpr uint64_t kSpareAfterMs = 1000;

}  // namespace

Backend::Backend(Pool& pool, const BackendAt& at)
    : pool_(pool),
      handle_(at.handle),
      address_(at.address),
      health_({pool.rules().max_fails, pool.rules().fail_window_ms, pool.rules().fail_pause_ms}) {
    pool_.services().backends->on_place(handle_, pool_.worker(), placeChanged, this);
}

Backend::~Backend() {
    while (!connections_.empty()) drop(*connections_.back(), nullptr);
}

bool Backend::isWanted() const { return pool_.services().backends->wanted(handle_, pool_.worker()) == 1; }

bool Backend::isDown() const { return pool_.services().backends->running(handle_, pool_.worker()) == 0; }

void Backend::placeChanged(void* self) {
    auto* backend = static_cast<Backend*>(self);
    Pool::Entry entry(backend->pool_);
    backend->yieldIdle();
    backend->pool_.dispatch();
}

/// Where nothing waits here, this was called because another worker waits.
void Backend::yieldIdle() {
    uint64_t now = pool_.readClock();
    bool is_asked = !pool_.hasWaiting();
    while (!idle_.empty() && (isWanted() || (is_asked && now - idle_.front()->restsSince() >= kSpareAfterMs)))
        drop(*idle_.front(), nullptr);
}

Connection* Backend::obtain(tp_request* payer) {
    if (!health_.isUsable(pool_.now())) return nullptr;
    if (!idle_.empty()) {
        Connection* connection = idle_.back();
        idle_.pop_back();
        return connection;
    }
    if (!health_.mayConnect(pool_.now())) return nullptr;
    if (isDown()) {
        unreachable("its program is not running");
        return nullptr;
    }
    if (pool_.services().backends->acquire(handle_, pool_.worker()) != 1) return nullptr;
    return connect(payer);
}

Connection* Backend::connect(tp_request* payer) {
    const Services& services = pool_.services();
    int32_t done = 0;
    int32_t fd = services.io->connect(payer, str(address_), &done);
    if (fd < 0) {
        services.backends->release(handle_, pool_.worker());
        cannotConnect(-fd);
        return nullptr;
    }
    connections_.push_back(std::make_unique<Connection>(pool_, *this, fd));
    Connection& connection = *connections_.back();
    if (int error = connection.open(done == 1); error < 0) {
        unreachable(std::generic_category().message(-error));
        drop(connection, payer);
        return nullptr;
    }
    if (done == 1) reached();
    return &connection;
}

/// EAGAIN: the backlog of a unix socket is full.
void Backend::cannotConnect(int error) {
    std::string why = std::generic_category().message(error);
    bool is_ours = error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS || error == EAGAIN;
    if (!is_ours) return unreachable(why);
    pool_.retrySoon();
    health_.later(pool_.now());
    if (!std::exchange(is_short_, true))
        pool_.services().host->log(TP_LOG_WARN, str("no connection to backend " + address_ + " for now: " + why));
}

void Backend::answered() {
    reached();
    health_.answered();
}

bool Backend::hasConnection() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& connection) { return connection->isMade(); });
}

void Backend::rest(Connection& connection) {
    if (isWanted()) return drop(connection, nullptr);
    connection.setResting(pool_.now());
    idle_.push_back(&connection);
}

void Backend::drop(Connection& connection, tp_request* payer) {
    std::erase(idle_, &connection);
    connection.close(payer);
    auto place = std::find_if(connections_.begin(), connections_.end(),
                              [&](const auto& owned) { return owned.get() == &connection; });
    pool_.bury(std::move(*place));
    connections_.erase(place);
    pool_.services().backends->release(handle_, pool_.worker());
}

void Backend::check(uint64_t now) {
    for (size_t i = connections_.size(); i-- > 0;)
        if (i < connections_.size()) connections_[i]->check(now);
}

void Backend::unreachable(const std::string& why) {
    trouble_ = why;
    bool is_news = !health_.isUnreachable();
    pool_.retrySoon();
    health_.unreachable(pool_.now());
    if (is_news)
        pool_.services().host->log(TP_LOG_ERROR, str("backend " + address_ + " cannot be reached: " + why));
}

void Backend::reached() {
    if (health_.isUnreachable())
        pool_.services().host->log(TP_LOG_INFO, str("backend " + address_ + " can be reached again"));
    health_.reached();
    is_short_ = false;
}

void Backend::failed() {
    if (pool_.hasOthers() && health_.failed(pool_.now()))
        pool_.services().host->log(TP_LOG_ERROR,
                                   str("backend " + address_ + " failed too often: it is left out for " +
                                       std::to_string(pool_.rules().fail_pause_ms) + " ms"));
}

}  // namespace turnpike::fastcgi
