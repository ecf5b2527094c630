#include "pool.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "balance.h"

namespace turnpike::proxy {
namespace {

// One timer for everything that takes too long, only while there is something to watch over.
constexpr uint64_t kTickMs = 250, kIdleTickMs = 1000;
// While no target can be connected to, a request tries again that often.
constexpr uint64_t kAgainMs = 50;

uint64_t clockMs() {
    auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace

Pool::Pool(const gateway::Services& services, const Settings& settings, const std::vector<tp_backend*>& handles,
           tp_worker* worker)
    : services_(services), settings_(settings), worker_(worker), now_(clockMs()) {
    for (size_t i = 0; i < handles.size(); ++i)
        targets_.push_back(std::make_unique<Target>(*this, handles[i], settings.targets[i], i));
    for (auto& target : targets_) order_.push_back(target.get());
}

Pool::~Pool() {
    if (timer_ != nullptr) services_.host->cancel(worker_, timer_);
    targets_.clear();
}

uint64_t Pool::readClock() { return now_ = clockMs(); }

// --- the queue

void Pool::enqueue(Exchange& exchange) {
    readClock();
    arm(kTickMs);
    exchange.stage = Exchange::Stage::Queued;
    exchange.queued_ms = now_;
    services_.host->mark(exchange.request, TP_PHASE_QUEUED);
    queue_.push_back(&exchange);
    dispatch();
    if (exchange.stage != Exchange::Stage::Queued || queue_.size() <= settings_.queue) return;
    if (std::erase(queue_, &exchange) == 0) return;
    fail(exchange, 503,
         "the queue is full: " + std::to_string(settings_.queue) + " requests wait for " + target(0).address());
}

void Pool::requeue(Exchange& exchange) {
    exchange.restart(buffers_);
    exchange.stage = Exchange::Stage::Queued;
    queue_.push_front(&exchange);
}

void Pool::putBack(Exchange& exchange) {
    requeue(exchange);
    dispatch();
}

/// Targets that are paused are asked all the same when there is no other.
bool Pool::mayAsk(Target& target, const Exchange& exchange, bool is_last_resort) const {
    if ((exchange.tried & target.bit()) != 0 || target.health().isDown()) return false;
    return is_last_resort || !target.health().isPaused(now_);
}

bool Pool::hasHope(const Exchange& exchange) const {
    return std::any_of(targets_.begin(), targets_.end(),
                       [&](const auto& target) { return mayAsk(*target, exchange, true); });
}

void Pool::connectFailed(Exchange& exchange, Target& target, int error) {
    const std::string why = std::generic_category().message(error);
    target.failed("cannot be connected to: " + why);
    exchange.tried |= target.bit();
    if (hasHope(exchange)) return putBack(exchange);
    if (readClock() - exchange.queued_ms >= settings_.outage_ms || error == ETIMEDOUT)
        return fail(exchange, error == ETIMEDOUT ? 504 : 502,
                    "target " + target.address() + " cannot be connected to: " + why);
    exchange.tried = 0;
    exchange.restart(buffers_);
    exchange.stage = Exchange::Stage::Queued;
    exchange.again_ms = now_ + kAgainMs;
    later_.push_back(&exchange);
    arm(kAgainMs);
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

void Pool::takeUpLater() {
    auto due = [this](const Exchange* exchange) { return exchange->again_ms <= now_; };
    for (auto at = later_.rbegin(); at != later_.rend(); ++at)
        if (due(*at)) queue_.push_front(*at);
    std::erase_if(later_, due);
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
                    if (settings_.balance == Balance::RoundRobin || settings_.balance == Balance::LeastConnections)
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
    if (settings_.balance == Balance::Address) {
        const std::string_view client = text(exchange.view->remote_address);
        std::sort(order_.begin(), order_.end(), [&](Target* a, Target* b) {
            return affinity(client, a->address()) > affinity(client, b->address());
        });
        return;
    }
    std::rotate(order_.begin(), order_.begin() + 1, order_.end());
    if (settings_.balance == Balance::LeastConnections)
        std::stable_sort(order_.begin(), order_.end(), [](Target* a, Target* b) { return a->load() < b->load(); });
    auto favourite = std::find_if(order_.begin(), order_.end(),
                                  [&](Target* target) { return target->index() == exchange.favourite; });
    if (favourite != order_.end()) std::rotate(order_.begin(), favourite, favourite + 1);
}

/// Takes it out of the queue and gives it to a target, or finds that none can be connected to.
Pool::Chosen Pool::give(Exchange& exchange) {
    const bool is_bound = settings_.balance == Balance::Address || exchange.favourite < targets_.size();
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
            connectFailed(exchange, *target, error);
            return Chosen::Settled;
        }
        has_place_later = true;
        if (is_bound) break;
    }
    if (has_place_later) return Chosen::NoPlace;
    std::erase(queue_, &exchange);
    fail(exchange, 503, "no target answers well (health_path), " + target(0).address() + " among them");
    return Chosen::Settled;
}

void Pool::expire() {
    for (;;) {
        auto late = std::find_if(queue_.begin(), queue_.end(), [this](Exchange* exchange) {
            return now_ - exchange->queued_ms >= settings_.queue_ms;
        });
        if (late == queue_.end()) return;
        Exchange& exchange = **late;
        queue_.erase(late);
        fail(exchange, 503,
             "waited " + std::to_string(settings_.queue_ms) + " ms in the queue for " + target(0).address());
    }
}

// --- the answer

void Pool::clientTook(Exchange& exchange) {
    exchange.relay.taken(buffers_);
    if (exchange.stage == Exchange::Stage::Over) return;
    if (exchange.connection != nullptr) return exchange.connection->resume();
    if (exchange.relay.send(*services_.host, exchange.request, buffers_) == gateway::Relay::Outcome::Complete)
        exchange.stage = Exchange::Stage::Over;
}

void Pool::fail(Exchange& exchange, unsigned status, const std::string& cause) {
    exchange.stage = Exchange::Stage::Over;
    exchange.has_failed = true;
    services_.host->fail(exchange.request, status, str(cause));
}

void Pool::forget(Exchange& exchange) {
    if (exchange.stage == Exchange::Stage::Queued) {
        std::erase(queue_, &exchange);
        std::erase(later_, &exchange);
    }
    if (exchange.connection != nullptr) exchange.connection->abandon();
    exchange.stage = Exchange::Stage::Over;
    exchange.relay.reset(buffers_);
    exchange.upload.reset();
    dispatch();
}

// --- the clock

void Pool::arm(uint64_t ms) {
    if (timer_ != nullptr && due_ <= now_ + ms) return;
    if (timer_ != nullptr) services_.host->cancel(worker_, timer_);
    due_ = now_ + ms;
    timer_ = services_.host->timer(worker_, ms, ticked, this);
}

void Pool::ticked(void* self) {
    auto* pool = static_cast<Pool*>(self);
    Entry entry(*pool);
    pool->timer_ = nullptr;
    pool->tick();
}

void Pool::tick() {
    readClock();
    for (auto& target : targets_) target->check(now_);
    takeUpLater();
    expire();
    dispatch();
    if (const uint64_t next = nextTick(); next > 0) arm(next);
}

/// 0: there is nothing to watch over.
uint64_t Pool::nextTick() const {
    if (!later_.empty()) return kAgainMs;
    if (!queue_.empty() || std::any_of(targets_.begin(), targets_.end(), [](auto& t) { return t->load() > 0; }))
        return kTickMs;
    return std::any_of(targets_.begin(), targets_.end(), [](auto& t) { return t->hasIdle(); }) ? kIdleTickMs : 0;
}

}  // namespace turnpike::proxy
