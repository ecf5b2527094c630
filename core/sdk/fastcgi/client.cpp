#include "sdk/fastcgi/client.h"

#include <utility>

namespace turnpike::fastcgi {

tp_verdict Client::onRequest(tp_request* request) {
    Pool::Entry entry(pool_);
    Active::node_type node = take(request);
    Exchange& exchange = *node.mapped();
    exchange.begin(request, services_.host->view(request));
    if (!target_.resolve(exchange)) {
        spare_.push_back(std::move(node));
        return TP_DECLINED;
    }
    active_.insert(std::move(node));
    if (exchange.view->body_length > 0 && rules_.stream_body) {
        exchange.is_reading = true;
        services_.host->read_body(request);
        return TP_PENDING;
    }
    if (exchange.view->body_length != 0) {
        services_.host->spool_body(request);
        return TP_PENDING;
    }
    submit(exchange, {}, -1, 0);
    if (exchange.has_failed) return TP_FAILED;
    return exchange.stage == Exchange::Stage::Over ? TP_DONE : TP_PENDING;
}

void Client::onSpooled(tp_request* request, const tp_body& body) noexcept {
    Pool::Entry entry(pool_);
    if (Exchange* exchange = find(request)) submit(*exchange, text(body.memory), body.fd, body.size);
}

/// Without a first part there is nothing to do for a backend yet.
void Client::onBody(tp_request* request, std::string_view part, bool) noexcept {
    Pool::Entry entry(pool_);
    Exchange* exchange = find(request);
    if (exchange == nullptr) return;
    exchange->is_reading = false;
    if (exchange->stage == Exchange::Stage::Body) {
        auto size = static_cast<uint64_t>(exchange->view->body_length);
        target_.encode(*exchange, size);
        exchange->outbound.startStream(part, size);
        pool_.enqueue(*exchange);
    } else if (exchange->stage == Exchange::Stage::Queued || exchange->stage == Exchange::Stage::Running) {
        exchange->outbound.feed(part);
        if (exchange->connection != nullptr) exchange->connection->pump();
    }
}

void Client::onWritable(tp_request* request) noexcept {
    Pool::Entry entry(pool_);
    if (Exchange* exchange = find(request)) pool_.clientTook(*exchange);
}

void Client::onDone(tp_request* request, bool) noexcept {
    Pool::Entry entry(pool_);
    auto found = active_.find(request);
    if (found == active_.end()) return;
    pool_.forget(*found->second);
    Active::node_type node = active_.extract(found);
    if (spare_.size() < kSpare) spare_.push_back(std::move(node));
}

/// Of those that are done, so that nothing is allocated in steady state; but one that ended inside a call which is
/// still running may still be looked at.
Client::Active::node_type Client::take(tp_request* request) {
    if (spare_.empty() || pool_.isNested())
        return active_.extract(active_.emplace(request, std::make_unique<Exchange>()).first);
    Active::node_type node = std::move(spare_.back());
    spare_.pop_back();
    node.key() = request;
    return node;
}

Exchange* Client::find(tp_request* request) {
    auto found = active_.find(request);
    return found == active_.end() ? nullptr : found->second.get();
}

void Client::submit(Exchange& exchange, std::string_view memory, int fd, uint64_t size) {
    target_.encode(exchange, size);
    exchange.outbound.start(memory, fd, size);
    pool_.enqueue(exchange);
}

}  // namespace turnpike::fastcgi
