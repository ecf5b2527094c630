// pool.h - the targets of one worker and the requests that wait for them, first come first served. Loop thread
// only.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "exchange.h"
#include "sdk/gateway/services.h"
#include "settings.h"
#include "target.h"

namespace turnpike::proxy {

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

    /// One handle for each target of the settings.
    Pool(const gateway::Services& services, const Settings& settings, const std::vector<tp_backend*>& handles,
         tp_worker* worker);
    ~Pool();

    /// A request whose head is written.
    void enqueue(Exchange& exchange);
    /// The host is done with the request, whatever its stage.
    void forget(Exchange& exchange);
    /// on_writable().
    void clientTook(Exchange& exchange);

    // --- for connections and targets
    const gateway::Services& services() const { return services_; }
    const Settings& settings() const { return settings_; }
    tp_worker* worker() const { return worker_; }
    gateway::BufferPool& buffers() { return buffers_; }
    /// Milliseconds of a monotonic clock, as of the last tick or request.
    uint64_t now() const { return now_; }
    uint64_t readClock();
    /// For fields that are put together; good until the next user.
    std::vector<tp_field>& scratch() { return scratch_; }
    bool isNested() const { return depth_ > 1; }
    bool hasOthers() const { return targets_.size() > 1; }
    size_t targetCount() const { return targets_.size(); }
    Target& target(size_t index) { return *targets_[index]; }

    /// Gives waiting requests to targets that can take them.
    void dispatch();
    /// Nobody has seen any of it: it waits again, before all others.
    void putBack(Exchange& exchange);
    /// `target` could not be connected to: another one, or the same in a moment; not for longer than an outage.
    void connectFailed(Exchange& exchange, Target& target, int error);
    /// `target` took it and gave no answer: another one if it may be asked twice, or the same once more. False:
    /// the request has to fail.
    bool retry(Exchange& exchange, Target& target);
    void fail(Exchange& exchange, unsigned status, const std::string& cause);
    void bury(std::unique_ptr<Connection> connection) { buried_.push_back(std::move(connection)); }

 private:
    static void ticked(void* self);
    void tick();
    void arm(uint64_t ms);
    uint64_t nextTick() const;
    enum class Chosen : uint8_t { Taken, NoPlace, Settled };
    Chosen give(Exchange& exchange);
    void order(const Exchange& exchange);
    bool mayAsk(Target& target, const Exchange& exchange, bool is_last_resort) const;
    bool hasHope(const Exchange& exchange) const;
    void requeue(Exchange& exchange);
    void takeUpLater();
    void expire();

    gateway::Services services_;
    const Settings& settings_;
    tp_worker* worker_;
    gateway::BufferPool buffers_;
    uint64_t now_ = 0, due_ = 0;
    tp_timer* timer_ = nullptr;
    unsigned depth_ = 0;
    std::vector<std::unique_ptr<Connection>> buried_;
    std::vector<std::unique_ptr<Target>> targets_;
    std::vector<Target*> order_;
    size_t turn_ = 0;
    std::deque<Exchange*> queue_;
    std::vector<tp_field> scratch_;
    std::vector<Exchange*> later_;  // queued, but not yet to be tried again
    bool is_dispatching_ = false, is_changed_ = false;
};

}  // namespace turnpike::proxy
