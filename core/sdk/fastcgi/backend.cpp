#include "sdk/fastcgi/backend.h"

#include <algorithm>
#include <utility>

#include "sdk/fastcgi/pool.h"

namespace turnpike::fastcgi {
namespace {

// A connection that was idle for so long is given up when another worker waits, even one that has as many.
constexpr uint64_t kSpareAfterMs = 1000;

}  // namespace

Backend::Backend(Pool& pool, const BackendAt& at)
    : pool_(pool),
      places_(pool.services(), pool.worker(), at.handle),
      address_(at.address),
      health_({pool.rules().max_fails, pool.rules().fail_window_ms, pool.rules().fail_pause_ms}) {
    places_.onChange(placeChanged, this);
}

Backend::~Backend() {
    while (!places_.all().empty()) close(*places_.all().back());
}

void Backend::placeChanged(void* self) {
    auto* backend = static_cast<Backend*>(self);
    Pool::Entry entry(backend->pool_);
    backend->yieldIdle();
    backend->pool_.dispatch();
}

/// Where nothing waits here and nothing has, this was called because another worker waits.
void Backend::yieldIdle() {
    uint64_t now = pool_.readClock();
    bool is_asked = !std::exchange(was_refused_, false) && !pool_.hasWaiting();
    while (places_.hasIdle() &&
           (places_.isWanted() || (is_asked && now - places_.idleLongest().rests_since >= kSpareAfterMs)))
        close(places_.idleLongest());
}

Connection* Backend::obtain(tp_request* payer, bool may_wait) {
    if (!health_.isUsable(pool_.now())) return nullptr;
    if (may_wait)
        if (Connection* sooner = laneSooner(payer)) return sooner;
    if (places_.hasIdle()) return take(*places_.usedLast().free());
    if (!health_.mayConnect(pool_.now())) return nullptr;
    if (isDown()) {
        unreachable("its program is not running");
        return nullptr;
    }
    if (places_.acquire()) return connect(payer);
    was_refused_ = true;
    return may_wait ? laneAnyhow(payer) : nullptr;
}

/// Where the request begins sooner than another program could be woken. The one that has most to do, so that few
/// are awake.
Connection* Backend::laneSooner(tp_request* payer) {
    Lanes* most = nullptr;
    const uint64_t now = places_.busy() > 0 ? pool_.readNs() : 0;
    for (const auto& lanes : places_.all())
        if (lanes->beatsWaking(now) && (most == nullptr || lanes->taken > most->taken)) most = lanes.get();
    return most != nullptr ? lane(*most, payer) : nullptr;
}

/// Where the request waits least.
Connection* Backend::laneAnyhow(tp_request* payer) {
    Lanes* least = nullptr;
    const uint64_t now = pool_.readNs();
    for (const auto& lanes : places_.all())
        if (lanes->mayWait(now) && (least == nullptr || lanes->taken < least->taken)) least = lanes.get();
    return least != nullptr ? lane(*least, payer) : nullptr;
}

Connection* Backend::lane(Lanes& lanes, tp_request* payer) {
    if (places_.isWanted()) return nullptr;
    if (Connection* free = lanes.free()) return take(*free);
    const int32_t fd = addLane(*pool_.services().io, payer, lanes.all.front()->fd());
    lanes.may_grow = fd != -ENOTSUP;
    return fd >= 0 ? add(lanes, fd, true, payer) : nullptr;
}

Connection* Backend::add(Lanes& lanes, int fd, bool is_connected, tp_request* payer) {
    lanes.all.push_back(std::make_unique<Connection>(pool_, *this, lanes, fd));
    Connection& connection = *lanes.all.back();
    take(connection);
    if (int error = connection.open(is_connected); error < 0) {
        cannotConnect(-error);
        drop(connection, payer);
        return nullptr;
    }
    return &connection;
}

Connection* Backend::take(Connection& connection) {
    Lanes& lanes = connection.lanes();
    connection.setTaken(true);
    ++load_;
    if (++lanes.taken == 1) places_.wake(lanes);
    return &connection;
}

void Backend::untake(Connection& connection) {
    if (!connection.isTaken()) return;
    connection.setTaken(false);
    --load_;
    --connection.lanes().taken;
}

Connection* Backend::connect(tp_request* payer) {
    int32_t done = 0;
    const int32_t fd = places_.connect(payer, address_, &done);
    if (fd < 0) {
        cannotConnect(-fd);
        return nullptr;
    }
    Connection* connection = add(places_.add(std::make_unique<Lanes>()), fd, done == 1, payer);
    if (connection != nullptr && done == 1) reached();
    return connection;
}

void Backend::cannotConnect(int error) {
    if (!pool_.postpone(health_, "backend " + address_, error)) unreachable(gateway::errorText(error));
}

void Backend::answered() {
    reached();
    health_.answered();
}

bool Backend::hasConnection() const {
    return std::any_of(places_.all().begin(), places_.all().end(), [](const auto& lanes) {
        return std::any_of(lanes->all.begin(), lanes->all.end(), [](const auto& lane) { return lane->isMade(); });
    });
}

void Backend::rest(Connection& connection) {
    Lanes& lanes = connection.lanes();
    untake(connection);
    if (lanes.taken > 0) return;
    if (lanes.is_retired || places_.isWanted()) return close(lanes);
    lanes.rests_since = pool_.now();
    places_.rest(lanes);
}

// The program answers one request after the other. So when another one was begun, the dropped one has ended there,
// and the connection serves the other to its end; else the program learns by the close that nobody listens.
void Backend::drop(Connection& connection, tp_request* payer) {
    Lanes& lanes = connection.lanes();
    places_.wake(lanes);
    untake(connection);
    connection.close(payer);
    auto place = std::find_if(lanes.all.begin(), lanes.all.end(),
                              [&](const auto& owned) { return owned.get() == &connection; });
    pool_.bury(std::move(*place));
    lanes.all.erase(place);
    lanes.is_retired = true;
    std::vector<Exchange*> waiting;
    for (const auto& lane : lanes.all)
        if (Exchange* exchange = lane->surrender()) {
            waiting.push_back(exchange);
            untake(*lane);
        }
    if (lanes.taken == 0) close(lanes);
    if (!waiting.empty()) pool_.putBack(waiting);
}

void Backend::close(Lanes& lanes) {
    for (auto& lane : lanes.all) {
        untake(*lane);
        lane->close(nullptr);
        pool_.bury(std::move(lane));
    }
    places_.remove(lanes);
}

void Backend::check(uint64_t now) {
    std::vector<Connection*> all;  // what closes meanwhile stays until the pool is left
    for (const auto& lanes : places_.all())
        for (const auto& lane : lanes->all) all.push_back(lane.get());
    for (Connection* connection : all) connection->check(now);
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
}

void Backend::failed() {
    if (pool_.hasOthers() && health_.failed(pool_.now()))
        pool_.services().host->log(TP_LOG_ERROR,
                                   str("backend " + address_ + " failed too often: it is left out for " +
                                       std::to_string(pool_.rules().fail_pause_ms) + " ms"));
}

}  // namespace turnpike::fastcgi
