#include "sdk/fastcgi/pool.h"

#include <algorithm>
#include <utility>

namespace turnpike::fastcgi {

Pool::Pool(const Services& services, const Rules& rules, const std::vector<BackendAt>& backends, tp_worker* worker)
    : gateway::Pool<Exchange, Connection, Rules>(services, rules, worker) {
    for (const BackendAt& at : backends) backends_.push_back(std::make_unique<Backend>(*this, at));
    for (auto& backend : backends_) order_.push_back(backend.get());
}

Pool::~Pool() { backends_.clear(); }

// --- the queue

void Pool::enqueue(Exchange& exchange) {
    if (!isArmed()) readClock();
    arm(kTickMs);
    enter(exchange);
    dispatch();
    if (exchange.stage != Exchange::Stage::Queued) return;
    if (isOutageOver()) {
        leaveQueue(exchange);
        failOutage(exchange);
    } else {
        refuseExcess(exchange, backends_.front()->address());
    }
}

void Pool::putBack(std::vector<Exchange*>& exchanges) {
    std::sort(exchanges.begin(), exchanges.end(),
              [](const Exchange* a, const Exchange* b) { return a->number > b->number; });
    for (Exchange* exchange : exchanges) requeue(*exchange);
    dispatch();
}

/// What has waited with a busy program for too long: another one may be free sooner.
void Pool::recall() {
    if (ahead_.empty()) return;
    readNs();
    std::vector<Exchange*> back;
    while (!ahead_.empty() && now_ns_ - ahead_.front()->ahead_ns >= Lanes::kQuickNs) {
        Connection& connection = *ahead_.front()->connection;
        Exchange* exchange = connection.surrender();
        if (exchange == nullptr) {
            isNoLongerAhead(*ahead_.front());  // it was begun
            continue;
        }
        connection.lanes().took_ns = 4 * Lanes::kQuickNs;
        connection.backend().rest(connection);
        back.push_back(exchange);
    }
    for (auto at = back.rbegin(); at != back.rend(); ++at) requeue(**at);
}

void Pool::isNoLongerAhead(Exchange& exchange) {
    if (std::exchange(exchange.is_ahead, false)) std::erase(ahead_, &exchange);
}

void Pool::putBackUnseen(Exchange& exchange) {
    if (readClock() - exchange.queued_ms >= rules().queue_ms) {
        fail(exchange, 503,
             "no process of backend " + backends_.front()->address() + " took it within " +
                 std::to_string(rules().queue_ms) + " ms");
        return dispatch();
    }
    std::exchange(exchange.was_unseen, true) ? putBackLater(exchange) : putBack(exchange);
}

/// The last processes of a backend that dies still take connections, and break them: at once would be too soon.
void Pool::putBackLater(Exchange& exchange) {
    if (hasOthers()) return putBack(exchange);
    requeueLater(exchange, Health::kRetryMs);
    dispatch();
}

void Pool::dispatch() {
    if (is_dispatching_) return;  // the loop below sees what has changed
    is_dispatching_ = true;
    recall();
    while (!queue_.empty()) {
        Exchange& exchange = *queue_.front();
        queue_.pop_front();
        Connection* connection = choose(exchange);
        if (connection == nullptr) {
            queue_.push_front(&exchange);
            break;
        }
        exchange.number = ++given_;
        if (connection->lanes().taken > 1) {
            exchange.is_ahead = true;
            exchange.ahead_ns = now_ns_;  // lane() has just read it
            ahead_.push_back(&exchange);
        }
        connection->run(exchange);
    }
    if (!ahead_.empty()) arm(1);
    is_dispatching_ = false;
}

Connection* Pool::choose(const Exchange& exchange) {
    orderBackends();
    for (Backend* backend : order_)
        if (Connection* connection = backend->obtain(exchange.request, exchange.outbound.isSmall()))
            return connection;
    return nullptr;
}

void Pool::orderBackends() {
    if (order_.size() < 2) return;
    std::rotate(order_.begin(), order_.begin() + 1, order_.end());
    if (rules().balance == Balance::LeastLoaded)
        std::stable_sort(order_.begin(), order_.end(),
                         [](Backend* a, Backend* b) { return a->load() < b->load(); });
}

bool Pool::isOutageOver() const {
    return std::all_of(backends_.begin(), backends_.end(), [this](const auto& backend) {
        return backend->health().unreachableFor(now()) > rules().outage_ms && !backend->hasConnection();
    });
}

void Pool::failOutage(Exchange& exchange) {
    fail(exchange, 503,
         "backend " + backends_.front()->address() + " cannot be reached for more than " +
             std::to_string(rules().outage_ms) + " ms: " + backends_.front()->trouble());
}

void Pool::endOutage() {
    if (!isOutageOver()) return;
    while (!queue_.empty()) {
        Exchange& exchange = *queue_.front();
        queue_.pop_front();
        failOutage(exchange);
    }
}

// --- the answer

void Pool::deliver(Exchange& exchange) {
    using Outcome = Response::Outcome;
    switch (exchange.response.deliver(*services().host, exchange.request, exchange.is_head, buffers())) {
        case Outcome::More:
        case Outcome::Waiting:
            return;
        case Outcome::Complete:
            exchange.errors.finish(*services().host, exchange.request);
            exchange.stage = Exchange::Stage::Over;
            return;
        case Outcome::Gone:
            exchange.stage = Exchange::Stage::Over;
            if (exchange.connection != nullptr) exchange.connection->abandon();
            return;
        case Outcome::Redirect:
            return redirect(exchange);
        case Outcome::Bad:
            if (exchange.connection != nullptr) exchange.connection->discard();
            return fail(exchange, 502,
                        "the backend sent " + exchange.response.reason() + " (exit status " +
                            std::to_string(exchange.app_status) + ")");
    }
}

void Pool::redirect(Exchange& exchange) {
    std::string target(exchange.response.redirectTarget());
    exchange.errors.finish(*services().host, exchange.request);
    exchange.stage = Exchange::Stage::Over;
    if (services().host->redirect(exchange.request, str(target)) < 0)
        fail(exchange, 502, "a local redirect to \"" + target + "\" that cannot be followed");
}

void Pool::clientTook(Exchange& exchange) {
    exchange.response.taken(buffers());
    if (exchange.stage == Exchange::Stage::Over) return;
    deliver(exchange);
    if (exchange.connection != nullptr) exchange.connection->resume();
}

// --- the clock

uint64_t Pool::readNs() { return now_ns_ = clockNs(); }

void Pool::tick() {
    readClock();
    readNs();
    if (now() - budget_since_ >= 1000) {
        budget_since_ = now();
        log_budget_ = LogBudget();
    }
    for (auto& backend : backends_) backend->check(now());
    takeUpLater();
    endOutage();  // first: a request that is being tried elsewhere is not in the queue
    expire(backends_.front()->address());
    dispatch();
    bool is_down = std::any_of(backends_.begin(), backends_.end(),
                               [this](const auto& backend) { return backend->health().isRetrying(now()); });
    bool retries = !later_.empty() || (!queue_.empty() && is_down);
    if (isBusy()) arm(retries ? Health::kRetryMs : kTickMs);
}

bool Pool::isBusy() const {
    return !queue_.empty() || !later_.empty() ||
           std::any_of(backends_.begin(), backends_.end(),
                       [](const auto& backend) { return backend->load() > 0; });
}

}  // namespace turnpike::fastcgi
