// A connection's life, and how a request is written to it.
#include "connection.h"

#include <cerrno>
#include <utility>

#include "pool.h"

namespace turnpike::proxy {

using gateway::span;

std::string Connection::named(const std::string& what) const { return "target " + target_.name() + " " + what; }

uint64_t Connection::gapMs() const {
    return exchange_ != nullptr && exchange_->is_tunnel ? pool_.settings().tunnel_ms : pool_.settings().gap_ms;
}

void Connection::onEvent(uint32_t what) {
    const bool is_readable = (what & (TP_READABLE | TP_HANGUP)) != 0;
    if (state_ == State::Connecting) return onConnected();
    // Closed by the upstream, or talking out of turn; or nothing has come that is meant for us, as under TLS.
    if (state_ == State::Idle && is_readable && !isAlive()) return target_.drop(*this, nullptr);
    if (state_ != State::Busy) return;
    if ((what & TP_WRITABLE) != 0 && waits_to_write_) flush();
    if (state_ == State::Busy && is_readable) readAll((what & TP_HANGUP) != 0);
}

void Connection::onConnected() {
    int error = pool_.services().io->connected(payer(), fd());
    if (error == 0) error = watch(TP_READABLE);
    if (error < 0) return connectFailed(-error);
    target_.reached();
    state_ = State::Idle;
    if (exchange_ != nullptr) return send();
    deadline_ = pool_.now() + pool_.settings().keep_ms;
    target_.rest(*this);
    pool_.dispatch();
}

void Connection::connectFailed(int error) {
    Exchange* exchange = exchange_ != nullptr ? &detach() : nullptr;
    const std::string reason = reasonOf(error);
    const bool is_its_fault = target_.cannotConnect(error, reason);
    target_.drop(*this, nullptr);
    if (exchange == nullptr) return;
    is_its_fault ? pool_.connectFailed(*exchange, target_, error, reason) : pool_.putBack(*exchange);
}

std::string Connection::reasonOf(int error) const { return pool_.services().whyFailed(fd(), error); }

// --- the request

void Connection::run(Exchange& exchange) {
    attach(exchange);
    if (state_ != State::Connecting) send();
}

void Connection::send() {
    Exchange& exchange = *exchange_;
    const bool is_last_chance = !exchange.is_idempotent || exchange.deaths > 0;
    if (served_ > 0 && is_last_chance && !isAlive()) {
        detach();
        target_.drop(*this, exchange.request);
        return pool_.putBack(exchange);
    }
    state_ = State::Busy;
    paused_ = hangup_ = heard_ = waits_to_write_ = false;
    pool_.services().host->mark(exchange.request, TP_PHASE_CONNECTED);
    // Head and first part of the body leave together.
    deadline_ = pool_.now() + pool_.settings().gap_ms;
    if (exchange.view->body_length != 0 && !exchange.has_body_begun) return readBody();
    flush();
}

void Connection::flush() {
    Exchange& exchange = *exchange_;
    const Settings& settings = pool_.settings();
    deadline_ = pool_.now() + gapMs();
    switch (exchange.upload.flush(*pool_.services().io, exchange.request, fd())) {
        case Upload::Progress::Blocked:
            if (!waits_to_write_ && watch(TP_READABLE | TP_WRITABLE) < 0) return lost("could not be watched");
            waits_to_write_ = true;
            return;
        case Upload::Progress::Hungry:
            if (stopWritingEvents()) readBody();
            return;
        case Upload::Progress::Failed:
            return writeFailed();
        case Upload::Progress::Done:
            break;
    }
    if (!stopWritingEvents()) return;
    if (exchange.is_tunnel) return clientEnded();
    if (!heard_) deadline_ = pool_.now() + settings.first_byte_ms;
    pool_.services().host->mark(exchange.request, TP_PHASE_SENT);
}

void Connection::pump() {
    if (state_ == State::Busy && !waits_to_write_) flush();
}

/// The client is held back until the upstream has taken what came last.
void Connection::readBody() {
    if (std::exchange(exchange_->is_reading, true)) return;
    pool_.services().host->read_body(exchange_->request);
}

void Connection::writeFailed() {
    // It proved dead before it could read any of this request, whatever the method.
    if (exchange_->upload.isUntouched() && served_ > 0 && !exchange_->is_tunnel) {
        Exchange& exchange = detach();
        target_.drop(*this, exchange.request);
        return pool_.putBack(exchange);
    }
    waits_to_write_ = false;
    if (exchange_->has_upstream_ended) return endTunnel();
    readAll(true);  // it may have answered before it took all of the request
}

// --- the end

void Connection::abandon() {
    tp_request* request = exchange_->request;
    detach();
    if (state_ == State::Connecting) return;  // the next request will have it
    target_.drop(*this, request);
}

void Connection::resume() {
    if (!paused_) {
        if (exchange_->head.state() == AnswerHead::State::Complete) deliver();
        return;
    }
    paused_ = false;
    deadline_ = pool_.now() + gapMs();
    if (deliver()) readAll(hangup_);
}

// The end of a kept connection crosses with a request now and then: that says nothing against the target.
void Connection::lost(const std::string& how) {
    const bool was_kept = served_ > 0, is_silent = !heard_ && exchange_->interims == 0;
    Exchange& exchange = detach();
    target_.drop(*this, exchange.request);
    const std::string cause = named(how + (is_silent ? " without an answer" : " in the middle of its answer"));
    if (!(was_kept && is_silent)) target_.failed(cause);
    if (was_kept && is_silent && exchange.upload.isUntouched()) return pool_.putBack(exchange);
    if (is_silent && pool_.retry(exchange, target_)) return;
    pool_.fail(exchange, 502, cause);
    pool_.dispatch();
}

void Connection::broke(unsigned status, const std::string& cause) {
    Exchange& exchange = detach();
    target_.drop(*this, exchange.request);
    target_.failed(named(cause));
    pool_.fail(exchange, status, named(cause));
    pool_.dispatch();
}

void Connection::check(uint64_t now) {
    if (state_ == State::Closed || now < deadline_) return;
    if (state_ == State::Idle) return target_.drop(*this, nullptr);
    if (state_ == State::Connecting) return connectFailed(ETIMEDOUT);
    stopWaiting(now);
}

void Connection::stopWaiting(uint64_t now) {
    const Settings& settings = pool_.settings();
    if (exchange_->relay.isWaiting()) return;  // the client's pace: the host watches over that
    if (exchange_->is_tunnel) return endTunnel();
    if (exchange_->is_reading && !heard_) return;  // the same
    if (waits_to_write_) return broke(504, "took nothing of the request for " + span(settings.gap_ms));
    exchange_->passage.note(0);  // splice() may see nothing where there is something to read
    readAll(false);
    if (state_ != State::Busy || now < deadline_) return;
    if (!heard_) return broke(504, "did not answer within " + span(settings.first_byte_ms));
    broke(504, "paused inside its answer for " + span(settings.gap_ms));
}

void Connection::closedByPeer(int64_t result) {
    if (result < 0) return lost("broke the connection (" + reasonOf(static_cast<int>(-result)) + ")");
    if (exchange_->is_tunnel && upstreamEnded()) return;
    const bool is_end = exchange_->head.state() == AnswerHead::State::Complete &&
                        (exchange_->is_tunnel || exchange_->body.endsWithConnection());
    is_end ? ended(true) : lost("closed the connection");
}

}  // namespace turnpike::proxy
