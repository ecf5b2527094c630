// pool.h - the backends of one worker and the requests that wait for them, first come first served. Loop thread
// only.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sdk/fastcgi/backend.h"
#include "sdk/fastcgi/exchange.h"
#include "sdk/fastcgi/rules.h"
#include "sdk/fastcgi/services.h"

namespace turnpike::fastcgi {

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

    Pool(const Services& services, const Rules& rules, const std::vector<BackendAt>& backends, tp_worker* worker);
    ~Pool();

    /// A request that is ready to be sent.
    void enqueue(Exchange& exchange);
    /// The host is done with the request, whatever its stage.
    void forget(Exchange& exchange);
    /// on_writable().
    void clientTook(Exchange& exchange);

    // --- for connections and backends
    const Services& services() const { return services_; }
    const Rules& rules() const { return rules_; }
    tp_worker* worker() const { return worker_; }
    BufferPool& buffers() { return buffers_; }
    LogBudget& logBudget() { return log_budget_; }
    /// Milliseconds of a monotonic clock, as of the last tick, or the last request that found the timer off.
    uint64_t now() const { return now_; }
    uint64_t readClock();
    /// The same clock in nanoseconds.
    uint64_t readNs();
    bool hasWaiting() const { return !queue_.empty(); }
    bool isNested() const { return depth_ > 1; }
    bool hasOthers() const { return backends_.size() > 1; }

    /// Gives waiting requests to backends that can take them.
    void dispatch();
    /// Nothing of it was answered: it waits again, before all others. Of several those that came first stay first.
    void putBack(Exchange& exchange);
    void putBack(std::vector<Exchange*>& exchanges);
    /// The same for one that was given to a program which was gone before it read it: at once, from the second
    /// time on in a moment, and not for longer than a request may wait.
    void putBackUnseen(Exchange& exchange);
    /// The same for one that a backend may have seen: in a moment, when a backend that is dying is dead.
    void putBackLater(Exchange& exchange);
    /// Passes on what has come of the answer.
    void deliver(Exchange& exchange);
    void fail(Exchange& exchange, unsigned status, const std::string& cause);
    /// A backend cannot be reached: sets the clock, and looks again in less than a tick.
    void retrySoon();
    void isNoLongerAhead(Exchange& exchange);
    void bury(std::unique_ptr<Connection> connection) { buried_.push_back(std::move(connection)); }

 private:
    static void ticked(void* self);
    void tick();
    void arm(uint64_t ms);
    bool isBusy() const;
    Connection* choose(const Exchange& exchange);
    void requeue(Exchange& exchange);
    void recall();
    void orderBackends();
    void expire();
    void takeUpLater();
    bool isOutageOver() const;
    void failOutage(Exchange& exchange);
    void redirect(Exchange& exchange);

    Services services_;
    const Rules& rules_;
    tp_worker* worker_;
    BufferPool buffers_;
    LogBudget log_budget_;
    uint64_t now_ = 0, now_ns_ = 0, budget_since_ = 0, due_ = 0;
    tp_timer* timer_ = nullptr;
    unsigned depth_ = 0;
    std::vector<std::unique_ptr<Connection>> buried_;
    std::vector<std::unique_ptr<Backend>> backends_;
    std::vector<Backend*> order_;
    size_t next_ = 0;
    std::deque<Exchange*> queue_;
    std::vector<Exchange*> later_;  // queued, but not yet to be asked again
    std::deque<Exchange*> ahead_;   // that are is_ahead; who waits longest is first
    uint64_t given_ = 0;            // requests to backends
    bool is_dispatching_ = false;
};

}  // namespace turnpike::fastcgi
