#include "pool.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "balance.h"

namespace turnpike::proxy {
namespace {

constexpr uint64_t kIdleTickMs = 1000;

}  // namespace

Pool::Pool(const gateway::Services& services, const Settings& settings, const std::vector<Target::Place>& places,
           tp_worker* worker)
    : gateway::Pool<Exchange, Connection, Settings>(services, settings, worker) {
    for (size_t i = 0; i < places.size(); ++i)
        targets_.push_back(std::make_unique<Target>(*this, places[i], settings.targets[i], i));
    for (auto& target : targets_) order_.push_back(target.get());
}

Pool::~Pool() { targets_.clear(); }

// --- the queue

void Pool::enqueue(Exchange& exchange) {
    readClock();
    arm(kTickMs);
    enter(exchange);
    dispatch();
    if (exchange.stage == Exchange::Stage::Queued) refuseExcess(exchange, target(0).name());
}

/// Targets that are paused are asked all the same when there is no other.
bool Pool::mayAsk(Target& target, const Exchange& exchange, bool is_last_resort) const {
    if ((exchange.tried & target.bit()) != 0 || target.health().isDown()) return false;
    return is_last_resort || !target.health().isPaused(now());
}

bool Pool::hasHope(const Exchange& exchange) const {
    return std::any_of(targets_.begin(), targets_.end(),
                       [&](const auto& target) { return mayAsk(*target, exchange, true); });
}

/// What is down for so long already will not be back in a moment.
bool Pool::isOutageOver() const {
    return std::all_of(targets_.begin(), targets_.end(), [this](const auto& target) {
        return target->health().isDown() || target->health().unreachableFor(now()) >= settings().outage_ms;
    });
}

void Pool::connectFailed(Exchange& exchange, Target& target, int error, const std::string& reason) {
    const std::string why = "cannot be connected to: " + reason;
    const std::string cause = "target " + target.name() + " " + why;
    target.failed(why);
    exchange.tried |= target.bit();
    if (hasHope(exchange)) return putBack(exchange);
    if (error == ETIMEDOUT) return fail(exchange, 504, cause);
    if (readClock() - exchange.queued_ms >= settings().outage_ms) return fail(exchange, 502, cause);
    if (isOutageOver()) return fail(exchange, 503, cause);
    exchange.tried = 0;
    requeueLater(exchange, gateway::Health::kRetryMs);
}

bool Pool::retry(Exchange& exchange, Target& target) {
    const bool may_be_asked = exchange.is_idempotent || exchange.upload.isUntouched();
    if (!may_be_asked || !exchange.upload.canRewind() || exchange.is_started) return false;
    if (++exchange.deaths > std::max<size_t>(1, targets_.size() - 1)) return false;
    if (hasOthers()) exchange.tried |= target.bit();
    if (!hasHope(exchange)) return false;
    putBack(exchange);
    return true;
}

/// Whoever waits for one target only must not hold up those that may go to another.
void Pool::dispatch() {
    is_changed_ = true;
    if (is_dispatching_) return;  // the loop below sees what has changed
    is_dispatching_ = true;
    while (std::exchange(is_changed_, false)) {
        for (size_t i = 0; i < queue_.size() && !is_changed_;) {
            Exchange& exchange = *queue_[i];
            switch (give(exchange)) {
                case Chosen::Taken:
                case Chosen::Settled:
                    is_changed_ = !queue_.empty();  // positions have moved
                    break;
                case Chosen::NoPlace:
                    if (settings().balance == Balance::RoundRobin ||
                        settings().balance == Balance::LeastConnections)
                        i = queue_.size();
                    else
                        ++i;
                    break;
            }
        }
    }
    is_dispatching_ = false;
}

void Pool::order(const Exchange& exchange) {
    if (order_.size() < 2) return;
    if (settings().balance == Balance::Address) {
        const std::string_view client = text(exchange.view->remote_address);
        std::sort(order_.begin(), order_.end(), [&](Target* a, Target* b) {
            return affinity(client, a->address()) > affinity(client, b->address());
        });
        return;
    }
    std::rotate(order_.begin(), order_.begin() + 1, order_.end());
    if (settings().balance == Balance::LeastConnections)
        std::stable_sort(order_.begin(), order_.end(), [](Target* a, Target* b) { return a->load() < b->load(); });
    auto favourite = std::find_if(order_.begin(), order_.end(),
                                  [&](Target* target) { return target->index() == exchange.favourite; });
    if (favourite != order_.end()) std::rotate(order_.begin(), favourite, favourite + 1);
}

/// Takes it out of the queue and gives it to a target, or finds that none can be connected to.
Pool::Chosen Pool::give(Exchange& exchange) {
    const bool is_bound = settings().balance == Balance::Address || exchange.favourite < targets_.size();
    order(exchange);
    const bool is_last_resort = std::none_of(order_.begin(), order_.end(),
                                             [&](Target* target) { return mayAsk(*target, exchange, false); });
    bool has_place_later = false;
    for (Target* target : order_) {
        if (!mayAsk(*target, exchange, is_last_resort)) continue;
        Connection* connection = target->obtain(exchange.request);
        if (connection != nullptr) {
            std::erase(queue_, &exchange);
            connection->run(exchange);
            return Chosen::Taken;
        }
        if (const int error = target->error(); error != 0) {
            std::erase(queue_, &exchange);
            connectFailed(exchange, *target, error, target->reason());
            return Chosen::Settled;
        }
        has_place_later = true;
        if (is_bound) break;
    }
    if (has_place_later) return Chosen::NoPlace;
    std::erase(queue_, &exchange);
    fail(exchange, 503, "no target answers well (health_path), " + target(0).name() + " among them");
    return Chosen::Settled;
}

// --- the answer

void Pool::clientTook(Exchange& exchange) {
    exchange.relay.taken(buffers());
    if (exchange.stage == Exchange::Stage::Over) return;
    if (exchange.connection != nullptr) return exchange.connection->resume();
    if (exchange.relay.send(*services().host, exchange.request, buffers()) == gateway::Relay::Outcome::Complete)
        exchange.stage = Exchange::Stage::Over;
}

// --- the clock

void Pool::tick() {
    readClock();
    for (auto& target : targets_) target->check(now());
    takeUpLater();
    expire(target(0).name());
    dispatch();
    if (const uint64_t next = nextTick(); next > 0) arm(next);
}

/// 0: there is nothing to watch over.
uint64_t Pool::nextTick() const {
    const bool is_short = !queue_.empty() && std::any_of(targets_.begin(), targets_.end(), [this](auto& target) {
        return target->health().isHeldOff(now());
    });
    if (!later_.empty() || is_short) return gateway::Health::kRetryMs;
    if (!queue_.empty() || std::any_of(targets_.begin(), targets_.end(), [](auto& t) { return t->load() > 0; }))
        return kTickMs;
    return std::any_of(targets_.begin(), targets_.end(), [](auto& t) { return t->hasIdle(); }) ? kIdleTickMs : 0;
}

}  // namespace turnpike::proxy
