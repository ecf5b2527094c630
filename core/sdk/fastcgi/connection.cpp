#include "sdk/fastcgi/connection.h"

#include <cerrno>
#include <utility>

#include "sdk/fastcgi/lanes.h"
#include "sdk/fastcgi/pool.h"

namespace turnpike::fastcgi {

using gateway::errorText;
using gateway::span;

namespace {

// How long a backend may take to end a request whose client has left.
constexpr uint64_t kAbortMs = 1000;
}  // namespace

std::string Connection::named(const std::string& what) const {
    return "backend " + backend_.address() + " " + what;
}

void Connection::onEvent(uint32_t what) {
    switch (state_) {
        case State::Connecting:
            return onConnected();
        case State::Idle:
            // Closed by the backend, or talking out of turn; or only what was written last has left.
            if ((what & (TP_READABLE | TP_HANGUP)) != 0) backend_.drop(*this, nullptr);
            return;
        case State::Closed:
            return;
        case State::Busy:
            if ((what & TP_WRITABLE) != 0 && waits_to_write_) flush();
            break;
        case State::Draining:
            break;
    }
    if (state_ != State::Busy && state_ != State::Draining) return;
    if ((what & (TP_READABLE | TP_HANGUP)) != 0) readAll((what & TP_HANGUP) != 0);
}

void Connection::onConnected() {
    int error = pool_.services().io->connected(payer(), fd());
    if (error == 0) error = watch(TP_READABLE);
    if (error < 0) return connectFailed(-error);
    backend_.reached();
    state_ = State::Idle;
    if (exchange_ != nullptr) return send();
    backend_.rest(*this);
    pool_.dispatch();
}

void Connection::connectFailed(int error) {
    Exchange* exchange = exchange_ != nullptr ? &detach() : nullptr;
    backend_.cannotConnect(error);
    backend_.drop(*this, nullptr);
    if (exchange != nullptr) pool_.putBack(*exchange);
}

Exchange& Connection::detach() {
    pool_.isNoLongerAhead(*exchange_);
    return Link::detach();
}

void Connection::run(Exchange& exchange) {
    attach(exchange);
    if (lanes_.taken == 1 && lanes_.isTimed()) lanes_.began_ns = pool_.readNs();
    if (state_ != State::Connecting) send();
}

void Connection::send() {
    bool is_last_chance = !exchange_->is_idempotent || exchange_->is_retried;
    if (served_ > 0 && is_last_chance && !isAlive()) {
        Exchange& exchange = detach();
        backend_.drop(*this, exchange.request);
        return pool_.putBack(exchange);
    }
    state_ = State::Busy;
    pool_.services().host->mark(exchange_->request, TP_PHASE_CONNECTED);
    decoder_.reset();
    paused_ = hangup_ = heard_ = waits_to_write_ = has_read_ = false;
    flush();
}

void Connection::flush() {
    Outbound& out = exchange_->outbound;
    deadline_ = pool_.now() + pool_.rules().gap_ms;
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a busy connection has an exchange
    switch (out.flush(*pool_.services().io, payer(), fd(), pool_.buffers())) {
        case Outbound::Progress::Blocked:
            if (!waits_to_write_ && watch(TP_READABLE | TP_WRITABLE) < 0) return lost("could not be watched");
            waits_to_write_ = true;
            return;
        case Outbound::Progress::Hungry:
            return readBody();
        case Outbound::Progress::Failed:
            return writeFailed();
        case Outbound::Progress::Done:
            break;
    }
    out.release(pool_.buffers());
    if (!stopWritingEvents()) return;
    deadline_ = pool_.now() + (heard_ ? pool_.rules().gap_ms : pool_.rules().first_byte_ms);
    pool_.services().host->mark(exchange_->request, TP_PHASE_SENT);
}

void Connection::pump() {
    if (state_ == State::Busy && !waits_to_write_) flush();
}

/// The client is held back until the backend has taken what came last.
void Connection::readBody() {
    if (!stopWritingEvents()) return;
    if (std::exchange(exchange_->is_reading, true)) return;
    pool_.services().host->read_body(exchange_->request);
}

void Connection::writeFailed() {
    Outbound& out = exchange_->outbound;
    int error = out.error();
    if (out.bodyFailed()) {
        Exchange& exchange = detach();
        backend_.drop(*this, exchange.request);
        return pool_.fail(exchange, 500, "the spooled request body could not be read: " + errorText(error));
    }
    // It proved dead before it could read any of this request, whatever the method.
    if (out.isUntouched() && served_ > 0) {
        Exchange& exchange = detach();
        backend_.drop(*this, exchange.request);
        return pool_.putBack(exchange);
    }
    if (error == ESHUTDOWN && out.isUntouched()) return untaken();
    // It may have answered before it took all of the request.
    waits_to_write_ = false;
    readAll(true);
}

Connection::Read Connection::readOnce() {
    std::unique_ptr<Buffer> scrap = exchange_ == nullptr ? pool_.buffers().take() : nullptr;
    Buffer& buffer = scrap ? *scrap : exchange_->response.room(pool_.buffers());
    char* to = buffer.data + buffer.used;
    size_t room = buffer.room();
    int64_t n = pool_.services().io->read(payer(), fd(), to, room);
    if (n > 0) {
        has_read_ = true;
        buffer.used += static_cast<size_t>(n);
        drained_ = static_cast<size_t>(n) < room;
        bool goes_on = consume({to, static_cast<size_t>(n)});
        if (scrap) pool_.buffers().give(std::move(scrap));
        if (!goes_on) return Read::Over;
        return drained_ ? Read::Drained : Read::More;
    }
    if (scrap) pool_.buffers().give(std::move(scrap));
    if (n == -EAGAIN) return Read::Over;
    if (n == -ESHUTDOWN && !has_read_ && exchange_ != nullptr && exchange_->outbound.canRewind()) {
        untaken();
        return Read::Over;
    }
    lost(n == 0 ? "closed the connection" : "broke the connection (" + errorText(static_cast<int>(-n)) + ")");
    return Read::Over;
}

bool Connection::consume(std::string_view input) {
    for (;;) {
        Event event = decoder_.next(input);
        switch (event.kind) {
            case Event::Kind::NeedMore:
                if (heard_ && exchange_ != nullptr && exchange_->outbound.isDone())
                    deadline_ = pool_.now() + pool_.rules().gap_ms;
                return deliver();
            case Event::Kind::Stdout:
                hear();
                if (exchange_ == nullptr || takeOutput(event.data)) break;
                broke(502, "sent a bad response head: " + exchange_->response.reason());
                return false;
            case Event::Kind::Stderr:
                if (exchange_ != nullptr)
                    exchange_->errors.add(*pool_.services().host, payer(), event.data, pool_.logBudget());
                break;
            case Event::Kind::End:
                hear();
                ended(event, input.empty() && decoder_.isAtBoundary());
                return false;
            case Event::Kind::Bad:
                broke(502, "sent " + decoder_.cause());
                return false;
        }
    }
}

/// The answer begins. What comes on the error stream is none: who only complains has not answered.
void Connection::hear() {
    if (!heard_ && exchange_ != nullptr) pool_.services().host->mark(exchange_->request, TP_PHASE_FIRST_BYTE);
    heard_ = true;
}

/// An interim head is not the answer's first byte, which has as long as before from here on. False: it is bad.
bool Connection::takeOutput(std::string_view data) {
    if (!exchange_->response.take(*pool_.services().host, exchange_->request, data, pool_.rules().sends_interims))
        return false;
    heard_ = exchange_->response.isBegun();
    if (!heard_) deadline_ = pool_.now() + pool_.rules().first_byte_ms;
    return true;
}

bool Connection::deliver() {
    if (exchange_ == nullptr) return true;
    pool_.deliver(*exchange_);
    if (state_ == State::Closed) return false;
    paused_ = exchange_ != nullptr && exchange_->response.isFull();
    return !paused_;
}

void Connection::ended(const Event& event, bool is_clean) {
    if (exchange_ == nullptr)
        return backend_.drop(*this, nullptr);  // the ABORT may still lie unread in its socket
    bool was_drained = drained_ || isAlive();
    Exchange& exchange = detach();
    bool may_stay = pool_.rules().keep && is_clean && was_drained && !hangup_ && exchange.outbound.isDone();
    pool_.services().host->mark(exchange.request, TP_PHASE_LAST_BYTE);
    exchange.app_status = event.app_status;
    ++served_;
    if (lanes_.isTimed()) lanes_.ended(pool_.readNs(), tookNs(*pool_.services().io, exchange.request, fd()));
    if (event.status != ProtocolStatus::Complete) {
        backend_.failed();
        backend_.drop(*this, exchange.request);
        bool is_overloaded = event.status == ProtocolStatus::Overloaded;
        pool_.fail(exchange, is_overloaded ? 503 : 502,
                   named(is_overloaded ? "refused the request: it is overloaded (FCGI_OVERLOADED)"
                                       : "refused the request: FCGI_CANT_MPX_CONN or FCGI_UNKNOWN_ROLE"));
        return;
    }
    if (!is_clean)
        pool_.services().host->log_request(exchange.request, TP_LOG_WARN,
                                           str(named("sent bytes after END_REQUEST")));
    exchange.response.hasHead() ? backend_.answered() : backend_.failed();
    exchange.stage = Exchange::Stage::Delivering;
    exchange.response.end();
    state_ = State::Idle;
    if (may_stay) {
        endRequest(*pool_.services().io, exchange.request, fd());
        backend_.rest(*this);
    } else {
        backend_.drop(*this, exchange.request);
    }
    pool_.dispatch();  // first the backend's next request, then this one's client: both work at the same time
    pool_.deliver(exchange);
}

Exchange* Connection::surrender() {
    // Who has answered it in part has begun it, whatever it says.
    if (state_ != State::Busy || exchange_ == nullptr || has_read_ || !exchange_->outbound.canRewind())
        return nullptr;
    if (!withdraw(*pool_.services().io, payer(), fd())) return nullptr;
    waits_to_write_ = false;
    state_ = State::Idle;
    return &detach();
}

void Connection::abandon() {
    if (surrender() != nullptr) return backend_.rest(*this);
    bool was_sent = exchange_->outbound.isDone();
    tp_request* request = exchange_->request;
    detach();
    if (state_ == State::Connecting) return;  // the next request will have it
    std::string abort;
    appendAbort(abort);
    tp_str part = str(abort);
    if (!was_sent || pool_.services().io->write(request, fd(), &part, 1) != static_cast<int64_t>(abort.size()))
        return backend_.drop(*this, request);
    state_ = State::Draining;
    deadline_ = pool_.now() + kAbortMs;
    resume();
}

void Connection::discard() {
    detach();
    backend_.drop(*this, nullptr);
}

void Connection::resume() {
    if (!paused_) return;
    paused_ = false;
    if (exchange_ != nullptr) deadline_ = pool_.now() + pool_.rules().gap_ms;
    readAll(hangup_);
}

void Connection::lost(const std::string& how) {
    if (exchange_ == nullptr) return backend_.drop(*this, nullptr);
    Exchange& exchange = detach();
    bool is_silent = exchange.response.isUntouched();
    backend_.drop(*this, exchange.request);
    if (is_silent && exchange.is_idempotent && !exchange.is_retried && exchange.outbound.canRewind()) {
        exchange.is_retried = true;
        exchange.queued_ms = pool_.readClock();
        return pool_.putBackLater(exchange);
    }
    backend_.failed();
    pool_.fail(exchange, 502, named(how + (is_silent ? " without an answer" : " in the middle of its answer")));
    pool_.dispatch();
}

void Connection::broke(unsigned status, const std::string& cause) {
    Exchange* exchange = exchange_ != nullptr ? &detach() : nullptr;
    backend_.drop(*this, exchange != nullptr ? exchange->request : nullptr);
    if (exchange == nullptr) return;
    backend_.failed();
    pool_.fail(*exchange, status, named(cause));
    pool_.dispatch();
}

/// Nobody has seen the request: its program is gone without having read it, or never accepted the connection (the
/// spawner holds the socket, which outlives the program).
void Connection::untaken() {
    if (exchange_ == nullptr) return backend_.drop(*this, nullptr);
    const bool was_ahead = exchange_->is_ahead;  // then the program was not gone, it was busy
    Exchange& exchange = detach();
    backend_.drop(*this, exchange.request);
    was_ahead ? pool_.putBack(exchange) : pool_.putBackUnseen(exchange);
}

void Connection::check(uint64_t now) {
    bool can_go_back = exchange_ == nullptr || exchange_->outbound.canRewind();
    if (state_ == State::Busy && !heard_ && can_go_back && backend_.isDown()) {
        readAll(false);  // its last word may be there
        if (state_ != State::Busy || has_read_) return;
        if (!backend_.sharesMemory()) return untaken();
        // A program that is being killed may have begun it: then the hang-up tells.
        if (Exchange* exchange = surrender()) {
            backend_.drop(*this, exchange->request);
            pool_.putBackUnseen(*exchange);
        }
        return;
    }
    if (state_ == State::Idle || state_ == State::Closed || now < deadline_) return;
    if (state_ == State::Connecting) return connectFailed(ETIMEDOUT);
    if (exchange_ == nullptr) return backend_.drop(*this, nullptr);
    const Rules& rules = pool_.rules();
    if (exchange_->response.isWaiting()) return;  // the client's pace: the host watches over that
    if (exchange_->outbound.isHungry()) return;   // the same
    if (!exchange_->outbound.isDone()) return broke(504, "took nothing of the request for " + span(rules.gap_ms));
    readAll(false);
    if (state_ != State::Busy || now < deadline_) return;
    if (!heard_) return broke(504, "did not answer within " + span(rules.first_byte_ms));
    broke(504, "paused inside its answer for " + span(rules.gap_ms));
}

}  // namespace turnpike::fastcgi
