// pool.h - the requests of one worker to its backends, whatever the protocol: those that wait, first come first
// served, and the clock that watches over everything that takes too long. Loop thread only.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sdk/gateway/buffer.h"
#include "sdk/gateway/health.h"
#include "sdk/gateway/pool_rules.h"
#include "sdk/gateway/services.h"

namespace turnpike::gateway {

/// A protocol's pool derives from this, and chooses who is asked. `Exchange` derives from gateway::Exchange and
/// has `connection`, restart() and release(); `Connection` has abandon(); `Rules` derives from PoolRules.
template <class Exchange, class Connection, class Rules>
class Pool {
 public:
    /// Held by everything that the host calls: connections that are closed meanwhile live until the last one ends.
    class Entry {
     public:
        explicit Entry(Pool& pool) : pool_(pool) { ++pool_.depth_; }
        ~Entry() {
            if (--pool_.depth_ == 0) pool_.buried_.clear();
        }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

     private:
        Pool& pool_;
    };

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// The host is done with the request, whatever its stage.
    void forget(Exchange& exchange) {
        if (exchange.stage == Exchange::Stage::Queued) leaveQueue(exchange);
        if (exchange.stage == Exchange::Stage::Running || exchange.stage == Exchange::Stage::Delivering)
            exchange.finish(*services_.host);
        if (exchange.connection != nullptr) exchange.connection->abandon();
        exchange.stage = Exchange::Stage::Over;
        exchange.release(buffers_);
        dispatch();
    }
    void fail(Exchange& exchange, unsigned status, const std::string& cause) {
        exchange.finish(*services_.host);
        exchange.stage = Exchange::Stage::Over;
        exchange.has_failed = true;
        services_.host->fail(exchange.request, status, str(cause));
    }
    /// Gives waiting requests to backends that can take them.
    virtual void dispatch() = 0;
    /// Nothing of it was answered: it waits again, before all others.
    void putBack(Exchange& exchange) {
        requeue(exchange);
        dispatch();
    }
    /// A backend cannot be connected to: looks again in less than a tick.
    void retrySoon() {
        readClock();
        arm(Health::kRetryMs);
    }
    /// A connection to `whom` could not be made: if that says nothing about it, it is tried again soon. False: it
    /// does. EAGAIN: the backlog of a unix socket is full.
    bool postpone(Health& health, const std::string& whom, int error) {
        if (!isShortage(error) && error != EAGAIN) return false;
        retrySoon();
        if (health.later(now_))
            services_.host->log(TP_LOG_WARN, str("no connection to " + whom + " for now: " + errorText(error)));
        return true;
    }
    void bury(std::unique_ptr<Connection> connection) { buried_.push_back(std::move(connection)); }

    const Services& services() const { return services_; }
    const Rules& rules() const { return rules_; }
    tp_worker* worker() const { return worker_; }
    BufferPool& buffers() { return buffers_; }
    bool isNested() const { return depth_ > 1; }
    /// Milliseconds of a monotonic clock, as they were read last.
    uint64_t now() const { return now_; }
    uint64_t readClock() { return now_ = clockNs() / 1'000'000; }

 protected:
    /// Everything that takes too long is found by one timer, and only while there is something to watch over.
    static constexpr uint64_t kTickMs = 250;

    /// `rules` outlives it.
    Pool(const Services& services, const Rules& rules, tp_worker* worker)
        : services_(services), rules_(rules), worker_(worker), now_(clockNs() / 1'000'000) {}
    ~Pool() {
        if (timer_ != nullptr) services_.host->cancel(worker_, timer_);
    }

    uint64_t clockNs() const { return services_.clock(); }
    /// tick() is called in `ms`, or sooner.
    void arm(uint64_t ms) {
        if (timer_ != nullptr && due_ <= now_ + ms) return;
        if (timer_ != nullptr) services_.host->cancel(worker_, timer_);
        due_ = now_ + ms;
        timer_ = services_.host->timer(worker_, ms, ticked, this);
    }
    bool isArmed() const { return timer_ != nullptr; }
    /// Calls arm() for the next one.
    virtual void tick() = 0;

    /// It begins to wait, behind all others.
    void enter(Exchange& exchange) {
        exchange.stage = Exchange::Stage::Queued;
        exchange.queued_ms = now_;
        services_.host->mark(exchange.request, TP_PHASE_QUEUED);
        queue_.push_back(&exchange);
    }
    /// Fails what has just entered and still waits, if there are too many; `address`: for whom.
    void refuseExcess(Exchange& exchange, const std::string& address) {
        if (queue_.size() <= rules_.queue || std::erase(queue_, &exchange) == 0) return;
        fail(exchange, 503,
             "the queue is full: " + std::to_string(rules_.queue) + " requests wait for " + address);
    }
    void requeue(Exchange& exchange) {
        exchange.restart(buffers_);
        exchange.stage = Exchange::Stage::Queued;
        queue_.push_front(&exchange);
    }
    /// The same in `ms`.
    void requeueLater(Exchange& exchange, uint64_t ms) {
        exchange.restart(buffers_);
        exchange.stage = Exchange::Stage::Queued;
        exchange.again_ms = readClock() + ms;
        later_.push_back(&exchange);
        arm(ms);
    }
    void takeUpLater() {
        auto due = [this](const Exchange* exchange) { return exchange->again_ms <= now_; };
        for (auto at = later_.rbegin(); at != later_.rend(); ++at)
            if (due(*at)) queue_.push_front(*at);
        std::erase_if(later_, due);
    }
    void leaveQueue(Exchange& exchange) {
        std::erase(queue_, &exchange);
        std::erase(later_, &exchange);
    }
    /// Fails what has waited for too long.
    void expire(const std::string& address) {
        for (;;) {
            auto late = std::find_if(queue_.begin(), queue_.end(), [this](const Exchange* exchange) {
                return now_ - exchange->queued_ms >= rules_.queue_ms;
            });
            if (late == queue_.end()) return;
            Exchange& exchange = **late;
            queue_.erase(late);
            fail(exchange, 503, "waited " + std::to_string(rules_.queue_ms) + " ms in the queue for " + address);
        }
    }

    std::deque<Exchange*> queue_;
    std::vector<Exchange*> later_;  // queued, but not yet to be tried again

 private:
    static void ticked(void* self) {
        auto* pool = static_cast<Pool*>(self);
        Entry entry(*pool);
        pool->timer_ = nullptr;
        pool->tick();
    }

    Services services_;
    const Rules& rules_;
    tp_worker* worker_;
    BufferPool buffers_;
    uint64_t now_, due_ = 0;
    tp_timer* timer_ = nullptr;
    unsigned depth_ = 0;
    std::vector<std::unique_ptr<Connection>> buried_;
};

}  // namespace turnpike::gateway
