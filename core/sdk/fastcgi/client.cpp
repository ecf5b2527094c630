#include "sdk/fastcgi/client.h"

#include <utility>

namespace turnpike::fastcgi {

tp_verdict Client::onRequest(tp_request* request) {
    Pool::Entry entry(pool_);
    gateway::Active<Exchange>::Node node = active_.take(request, pool_.isNested());
    Exchange& exchange = *node.mapped();
    exchange.begin(request, services_.host->view(request));
    if (!target_.resolve(exchange)) {
        active_.spare(std::move(node));
        return TP_DECLINED;
    }
    active_.add(std::move(node));
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
    if (Exchange* exchange = active_.find(request)) submit(*exchange, text(body.memory), body.fd, body.size);
}

/// Without a first part there is nothing to do for a backend yet.
void Client::onBody(tp_request* request, std::string_view part, bool) noexcept {
    Pool::Entry entry(pool_);
    Exchange* exchange = active_.find(request);
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
    if (Exchange* exchange = active_.find(request)) pool_.clientTook(*exchange);
}

void Client::onDone(tp_request* request, bool) noexcept {
    Pool::Entry entry(pool_);
    active_.done(request, [this](Exchange& exchange) { pool_.forget(exchange); });
}

void Client::submit(Exchange& exchange, std::string_view memory, int fd, uint64_t size) {
    target_.encode(exchange, size);
    exchange.outbound.start(memory, fd, size);
    pool_.enqueue(exchange);
}

}  // namespace turnpike::fastcgi
