// pool.h - the targets of one worker and the requests that wait for them, first come first served. Loop thread
// only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exchange.h"
#include "sdk/gateway/pool.h"
#include "settings.h"
#include "target.h"

namespace turnpike::proxy {

class Pool final : public gateway::Pool<Exchange, Connection, Settings> {
 public:
    /// One place for each target of the settings.
    Pool(const gateway::Services& services, const Settings& settings, const std::vector<Target::Place>& places,
         tp_worker* worker);
    ~Pool();

    /// A request whose head is written.
    void enqueue(Exchange& exchange);
    /// on_writable().
    void clientTook(Exchange& exchange);

    // --- for connections and targets
    const Settings& settings() const { return rules(); }
    /// For fields that are put together; good until the next user.
    std::vector<tp_field>& scratch() { return scratch_; }
    bool hasOthers() const { return targets_.size() > 1; }
    size_t targetCount() const { return targets_.size(); }
    Target& target(size_t index) { return *targets_[index]; }

    void dispatch() override;
    /// `target` could not be connected to, as `error` and `reason` say: another one, or the same in a moment; not
    /// for longer than an outage, nor where that is over already.
    void connectFailed(Exchange& exchange, Target& target, int error, const std::string& reason);
    /// `target` took it and gave no answer: another one if it may be asked twice, or the same once more. False:
    /// the request has to fail.
    bool retry(Exchange& exchange, Target& target);

 private:
    void tick() override;
    uint64_t nextTick() const;
    enum class Chosen : uint8_t { Taken, NoPlace, Settled };
    Chosen give(Exchange& exchange);
    void order(const Exchange& exchange);
    bool mayAsk(Target& target, const Exchange& exchange, bool is_last_resort) const;
    bool hasHope(const Exchange& exchange) const;
    bool isOutageOver() const;

    std::vector<std::unique_ptr<Target>> targets_;
    std::vector<Target*> order_;
    std::vector<tp_field> scratch_;
    bool is_dispatching_ = false, is_changed_ = false;
};

}  // namespace turnpike::proxy
