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
#include "sdk/gateway/pool.h"

namespace turnpike::fastcgi {

class Pool final : public gateway::Pool<Exchange, Connection, Rules> {
 public:
    Pool(const Services& services, const Rules& rules, const std::vector<BackendAt>& backends, tp_worker* worker);
    ~Pool();

    /// A request that is ready to be sent.
    void enqueue(Exchange& exchange);
    /// on_writable().
    void clientTook(Exchange& exchange);

    // --- for connections and backends
    LogBudget& logBudget() { return log_budget_; }
    /// The same clock in nanoseconds.
    uint64_t readNs();
    bool hasWaiting() const { return !queue_.empty(); }
    bool hasOthers() const { return backends_.size() > 1; }

    void dispatch() override;
    using gateway::Pool<Exchange, Connection, Rules>::putBack;
    /// The same for several: those that came first stay first.
    void putBack(std::vector<Exchange*>& exchanges);
    /// putBack() for one that was given to a program which was gone before it read it: at once, from the second
    /// time on in a moment, and not for longer than a request may wait.
    void putBackUnseen(Exchange& exchange);
    /// The same for one that a backend may have seen: in a moment, when a backend that is dying is dead.
    void putBackLater(Exchange& exchange);
    /// Passes on what has come of the answer.
    void deliver(Exchange& exchange);
    void isNoLongerAhead(Exchange& exchange);

 private:
    void tick() override;
    bool isBusy() const;
    Connection* choose(const Exchange& exchange);
    void recall();
    void orderBackends();
    void endOutage();
    bool isOutageOver() const;
    void failOutage(Exchange& exchange);
    void redirect(Exchange& exchange);

    LogBudget log_budget_;
    uint64_t now_ns_ = 0, budget_since_ = 0;
    std::vector<std::unique_ptr<Backend>> backends_;
    std::vector<Backend*> order_;
    std::deque<Exchange*> ahead_;  // that are is_ahead; who waits longest is first
    uint64_t given_ = 0;           // requests to backends
    bool is_dispatching_ = false;
};

}  // namespace turnpike::fastcgi
