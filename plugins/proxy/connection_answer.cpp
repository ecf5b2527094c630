// How an upstream's answer is read and handed on.
#include <cerrno>
#include <cstring>
#include <utility>

#include "connection.h"
#include "pool.h"
#include "sdk/gateway/half_close.h"
#include "sdk/gateway/interim.h"
#include "sdk/support/lists.h"

namespace turnpike::proxy {
namespace {

void addTrailers(const tp_host& host, tp_request* request, std::string_view lines) {
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find("\r\n"));
        lines.remove_prefix(line.size() + 2);
        const size_t colon = line.find(':');
        // One that may not stand there is left out, as RFC 9110 section 6.5.1 has it.
        addTrailer(host, request, line.substr(0, colon), support::trim(line.substr(colon + 1)));
    }
}

}  // namespace

/// Nothing of the body is on its way by memory, and what comes next is the middle of it.
bool Connection::mayPass() const {
    const Exchange& exchange = *exchange_;
    return exchange.is_started && !exchange.relay.isWaiting() && exchange.relay.size() == 0 &&
           exchange.passage.takes(exchange.body.passable());
}

/// It goes to the client without coming here.
Connection::Read Connection::pass() {
    Exchange& exchange = *exchange_;
    int32_t sent = TP_SENT;
    const int64_t n =
        exchange.passage.move(*pool_.services().host, exchange.request, fd(), exchange.body.passable(), &sent);
    if (n == -ENOTSUP) return Read::More;  // by reading
    if (n == -EAGAIN) return Read::Over;
    if (n < 0) {
        closedByPeer(n);
        return Read::Over;
    }
    exchange.body.passed(static_cast<uint64_t>(n));
    reads_ += static_cast<uint64_t>(n) / gateway::Buffer::kSize;
    deadline_ = pool_.now() + gapMs();
    if (sent == TP_GONE) {
        exchange.stage = Exchange::Stage::Over;
        abandon();
        return Read::Over;
    }
    if (sent == TP_SENT) return Read::More;
    exchange.relay.wait();
    // What fits into memory is read, so that the target is free for others; what does not can as well stay there.
    paused_ = exchange.body.left() > gateway::Relay::kMostHeld;
    return paused_ ? Read::Over : Read::More;
}

Connection::Read Connection::readOnce() {
    if (mayPass()) return pass();
    gateway::Buffer& buffer = exchange_->relay.room(pool_.buffers());
    const size_t room = buffer.room();
    const int64_t n = pool_.services().io->read(payer(), fd(), buffer.data + buffer.used, room);
    if (n == -EAGAIN) return Read::Over;
    if (n <= 0) {
        closedByPeer(n);
        return Read::Over;
    }
    if (!std::exchange(heard_, true)) pool_.services().host->mark(exchange_->request, TP_PHASE_FIRST_BYTE);
    buffer.used += static_cast<size_t>(n);
    exchange_->passage.note(static_cast<uint64_t>(n));
    deadline_ = pool_.now() + gapMs();
    const bool was_drained = static_cast<size_t>(n) < room;
    const size_t fresh = static_cast<size_t>(n);
    if (!take(buffer, fresh)) return Read::Over;
    return was_drained ? Read::Drained : Read::More;
}

/// The last `fresh` bytes of the buffer are new. False: reading is over, for now or for good.
bool Connection::take(gateway::Buffer& buffer, size_t fresh) {
    std::string_view rest(buffer.data + buffer.used - fresh, fresh);
    if (exchange_->head.state() != AnswerHead::State::Complete && !takeHead(buffer, rest)) return false;
    if (exchange_->head.state() != AnswerHead::State::Complete) return true;
    return takeBody(rest);
}

/// All but 100, which the server says itself where a client waits for it. False: the request has failed.
bool Connection::handOnInterim() {
    const AnswerHead& head = exchange_->head;
    int32_t result = ++exchange_->interims > TP_MOST_INTERIMS ? -EMSGSIZE : 0;
    if (result == 0 && head.status() != 100)
        result = gateway::sendInterim(*pool_.services().host, exchange_->request, head.status(), head.fields());
    if (result != -EMSGSIZE) return true;  // what else keeps it from the client is no fault of the target's
    broke(502, "sent too many interim answers, or too large ones");
    return false;
}

/// The head begins where the buffer begins. False: it is bad, and the request has failed. `rest`: what stands
/// behind.
bool Connection::takeHead(gateway::Buffer& buffer, std::string_view& rest) {
    AnswerHead& head = exchange_->head;
    while (head.parse(buffer.data, buffer.used) == AnswerHead::State::Complete && head.isInterim()) {
        if (!handOnInterim()) return false;
        buffer.used -= head.size();
        std::memmove(buffer.data, buffer.data + head.size(), buffer.used);
        head.reset();
        // An interim head is not the answer's first byte, which has as long as before from here on.
        heard_ = buffer.used > 0;
        if (heard_) continue;
        deadline_ = pool_.now() + pool_.settings().first_byte_ms;
        return true;
    }
    if (head.state() == AnswerHead::State::Bad) {
        broke(502, "sent a bad answer: " + head.reason());
        return false;
    }
    if (head.state() != AnswerHead::State::Complete) return true;
    rest = std::string_view(buffer.data, buffer.used).substr(head.size());
    if (head.status() == 101) return switchProtocol();
    exchange_->body.begin(head.framing(exchange_->is_head), head.length());
    return true;
}

/// From here on bytes pass both ways (RFC 9110 section 7.8).
bool Connection::switchProtocol() {
    const AnswerHead& head = exchange_->head;
    const tp_host& host = *pool_.services().host;
    if (exchange_->upgrade.empty() || !support::equalsLower(head.upgrade(), exchange_->upgrade)) {
        broke(502, "sent a bad answer: a switch to a protocol that nobody asked for");
        return false;
    }
    if (!exchange_->upload.isDone()) {
        broke(502, "switched the protocol before it had all of the request");
        return false;
    }
    if (host.upgrade(exchange_->request, str(exchange_->upgrade), head.fields().data(), head.fields().size()) <
        0) {
        broke(502, "switched the protocol, which the client's connection cannot");
        return false;
    }
    exchange_->is_started = exchange_->is_tunnel = true;
    exchange_->body.begin(Framing::Close, TP_LENGTH_UNKNOWN);
    exchange_->upload.becomeTunnel();
    deadline_ = pool_.now() + gapMs();
    readBody();
    return true;
}

bool Connection::takeBody(std::string_view rest) {
    gateway::Relay& relay = exchange_->relay;
    switch (exchange_->body.feed(rest, [&relay](std::string_view piece) { relay.add(piece); })) {
        case AnswerBody::State::End:
            ended(rest.empty());
            return false;
        case AnswerBody::State::Bad:
            broke(502, std::string("sent a bad answer: ") + exchange_->body.reason());
            return false;
        case AnswerBody::State::More:
            break;
    }
    return deliver();
}

/// False: reading is over, for now or for good.
bool Connection::deliver() {
    handOn(*exchange_);
    if (state_ != State::Busy) return false;
    if (exchange_->has_upstream_ended) passEnd();
    paused_ = exchange_->relay.isFull();
    return !paused_;
}

/// The head for the client. False: it cannot be sent, and the request has failed.
bool Connection::start(Exchange& exchange) {
    const AnswerHead& head = exchange.head;
    std::vector<tp_field>& fields = pool_.scratch();
    fields = head.fields();
    std::string cookie;
    if (pool_.settings().balance == Balance::Cookie && exchange.favourite != target_.index()) {
        cookie = pool_.settings().cookie + "=" + std::to_string(target_.index() + 1) +
                 "; Path=/; HttpOnly; SameSite=Lax" + (exchange.view->secure != 0 ? "; Secure" : "");
        fields.push_back({str("set-cookie"), str(cookie)});
    }
    int64_t length = head.length();
    const Framing framing = head.framing(exchange.is_head);
    const bool is_whole = exchange.relay.hasEnded() && exchange.body.trailers().empty();
    if (is_whole && (framing == Framing::Chunked || framing == Framing::Close))
        length = static_cast<int64_t>(exchange.relay.size());
    exchange.is_started = true;
    return pool_.services().host->start(exchange.request, head.status(), fields.data(), fields.size(), length) >=
           0;
}

/// Hands on what there is. The exchange may be another's than this connection's: one that has been answered.
void Connection::handOn(Exchange& exchange) {
    if (!exchange.is_started && !start(exchange)) {
        if (exchange.connection == this) return broke(502, "sent an answer that cannot be passed on");
        return pool_.fail(exchange, 502, named("sent an answer that cannot be passed on"));
    }
    switch (exchange.relay.send(*pool_.services().host, exchange.request, pool_.buffers())) {
        case gateway::Relay::Outcome::More:
        case gateway::Relay::Outcome::Waiting:
            return;
        case gateway::Relay::Outcome::Complete:
        case gateway::Relay::Outcome::Gone:
            break;
    }
    exchange.stage = Exchange::Stage::Over;
    if (exchange.connection != nullptr) exchange.connection->abandon();
}

/// The answer has come to its end; `is_clean`: and nothing stands behind it.
void Connection::ended(bool is_clean) {
    Exchange& exchange = detach();
    const tp_host& host = *pool_.services().host;
    const bool may_stay = pool_.settings().keep && is_clean && !hangup_ && !exchange.is_tunnel &&
                          exchange.head.keepsOpen() && exchange.upload.isDone();
    host.mark(exchange.request, TP_PHASE_LAST_BYTE);
    if (!is_clean) host.log_request(exchange.request, TP_LOG_WARN, str(named("sent bytes behind its answer")));
    addTrailers(host, exchange.request, exchange.body.trailers());
    ++served_;
    target_.health().answered();
    exchange.stage = Exchange::Stage::Delivering;
    exchange.relay.end();
    state_ = State::Idle;
    deadline_ = pool_.now() + pool_.settings().keep_ms;
    may_stay ? target_.rest(*this) : target_.drop(*this, exchange.request);
    pool_.dispatch();  // first the target's next request, then this one's client: both work at the same time
    handOn(exchange);
}

/// The upstream has all that the client had to say, and may have more to say itself.
void Connection::clientEnded() {
    if (std::exchange(exchange_->has_client_ended, true)) return;
    if (exchange_->has_upstream_ended || !gateway::endWriting(*pool_.services().io, payer(), fd())) endTunnel();
}

/// The other way round. False: that ends the tunnel.
bool Connection::upstreamEnded() {
    if (exchange_->has_client_ended || !gateway::canEndSending(*pool_.services().host)) return false;
    if (!std::exchange(exchange_->has_upstream_ended, true)) passEnd();
    return true;
}

/// Behind the last bytes of the upstream, once the host has them all.
void Connection::passEnd() {
    if (exchange_->relay.size() > 0 || std::exchange(exchange_->is_end_passed, true)) return;
    gateway::endSending(*pool_.services().host, exchange_->request);
}

/// Nothing more will pass: both sides are closed.
void Connection::endTunnel() { ended(true); }

}  // namespace turnpike::proxy
