// worker.h - the hooks in one worker: who is answered from the cache, who waits, whose answer is stored. Loop
// thread.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugin.h"
#include "presence.h"
#include "sender.h"
#include "tier.h"
#include "visit.h"

namespace turnpike::cache {

class Worker {
 public:
    Worker(Cache& plugin, tp_worker* worker);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    tp_verdict onAccess(tp_request* request);
    void onWritable(tp_request* request) noexcept { sender_.go(request); }
    void onDone(tp_request* request, bool aborted) noexcept;
    void onResponse(tp_request* request) noexcept;
    void onResponseBody(tp_request* request, std::string_view data, bool last) noexcept;
    void onLog(tp_request* request, const tp_log_record& record) noexcept;

 private:
    static constexpr uint64_t kPollMs = 10, kPassMs = 60'000;
    static constexpr uint64_t kRenewalMs = 300'000;             // of a background request: no client leaves it
    static constexpr uint64_t kRestMs = 1000;                   // after one that failed, until the next
    static constexpr size_t kMostCollected = size_t{64} << 20;  // of all answers that are collected or asked about

    Counts& counts() const { return tiers_.front()->store.counts(); }
    const char* whyPassed(const tp_request_view& view) const;
    tp_verdict enter(tp_request* request, Visit& visit);
    tp_verdict bringOrWait(tp_request* request, Visit& visit, Use use);
    tp_verdict sendStale(tp_request* request, Visit& visit);
    bool renew(tp_request* request, Visit& visit, std::string_view vary);
    tp_verdict bring(tp_request* request, Visit& visit, std::string_view why);
    void addCondition(tp_request* request, Visit& visit);
    void setCondition(tp_request* request, Visit& visit);
    void forgetQuestion(Visit& visit);
    std::string storedOf(Visit& visit);
    tp_verdict wait(tp_request* request, Visit& visit);
    std::optional<Match> find(const tp_request_view& view, const Visit& visit);
    bool isPurged(uint64_t seen, std::string_view label);
    Store::Turn takeTurn(Visit& visit);
    void endTurn(Visit& visit);
    void poll();
    void pollAgain();
    void askAgain(tp_request* request, Visit& visit);

    void change(tp_request* request, const Visit& visit, const tp_response_view& answer);
    void take(tp_request* request, Visit& visit, const tp_response_view& answer);
    void tellFailure(tp_request* request, Visit& visit, const tp_response_view& answer);
    void collect(tp_request* request, Visit& visit, const tp_response_view& answer, const Stored& stored);
    void askWithoutCookies(tp_request* request, Visit& visit, std::string_view vary);
    bool confirm(tp_request* request, Visit& visit, const tp_response_view& answer);
    std::string refresh(tp_request* request, Visit& visit, const tp_response_view& answer, std::string_view bytes);
    void compare(tp_request* request, Visit& visit, const tp_response_view& answer);
    void remove(const Hash& primary, uint64_t now_ns);
    void addAge(tp_request* request, const Found& found, uint64_t now_ns);
    bool replace(tp_request* request, Visit& visit, const tp_response_view& answer);
    void substitute(tp_request* request, Visit& visit, const tp_response_view& answer, std::string_view fields,
                    std::string_view body);
    void keep(Visit& visit);
    void forgetBody(Visit& visit);

    const tp_host& host_;
    const tp_shared_service& shared_;
    const tp_request_service& requests_;
    const tp_response_service& responses_;
    const tp_background_service* background_;
    const Settings& settings_;
    tp_worker* worker_;
    tp_shared* memory_;
    std::vector<std::unique_ptr<Tier>> tiers_;
    Presence presence_;
    Sender sender_;
    support::HashKey key_;
    std::unordered_map<tp_request*, Visit> visits_;
    std::vector<tp_request*> waiting_;
    tp_timer* timer_ = nullptr;
    size_t collected_ = 0;
    uint64_t clients_wait_until_ns_ = 0;  // background requests do not come through to the cache
};

}  // namespace turnpike::cache
