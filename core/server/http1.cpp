#include "server/http1.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/connections.h"
#include "server/http2.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {
constexpr std::string_view kHttp2Alpn = "h2";
}  // namespace

Http1::Http1(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends)
    : Connection(owner, runtime, std::move(transport), std::move(ends), "HTTP/1.1"),
      timer_([](void* self) { static_cast<Http1*>(self)->onDeadline(); }, this),
      handshaking_(!transport_->isReady()) {}

Http1::~Http1() {
    if (turn_) rest();
}

/// Something is under way.
void Http1::takeUp() {
    if (exchange_ == nullptr) exchange_ = &runtime_.take();
    if (!turn_) turn_ = owner_.turns().take(*this);
}

/// Nothing is under way any more: what only that needs goes to others.
void Http1::rest() {
    release(turn_->head);
    release(turn_->body);
    runtime_.loop().disarm(turn_->write_timer);
    owner_.turns().give(std::move(turn_));
}

bool Http1::begin() {
    if (runtime_.loop().add(transport_->fd(), os::kReadable | os::kWritable, *this) < 0) return false;
    enter(handshaking_ ? Counted::Handshake : Counted::Idle);
    if (handshaking_)
        setDeadline(Deadline::Handshake, runtime_.limits().handshake_ms);
    else
        setDeadline(Deadline::Header, runtime_.limits().header_ms);
    return true;
}

void Http1::drain() {
    draining_ = true;
    // A head that has left without "Connection: close" is a promise: the connection then goes with the next
    // answer, or when none is asked for.
    if (state_ != State::Running || !head_sent_) keep_alive_ = false;
    // A request may be on its way: a connection is only closed once it has been quiet for a while.
    if (isIdle()) setDeadline(Deadline::Idle, runtime_.limits().linger_ms);
}

void Http1::close() {
    if (state_ == State::Closed) return;
    bool running = state_ == State::Running;
    state_ = State::Closed;
    runtime_.account().event_milli += std::exchange(share_milli_, 0);  // waits that no request came of
    runtime_.loop().disarm(timer_);
    if (turn_) runtime_.loop().disarm(turn_->write_timer);
    runtime_.loop().forget(*this);
    Exchange* exchange = std::exchange(exchange_, nullptr);
    if (exchange != nullptr) {
        ledger::Scope charge(exchange->account());
        transport_.reset();
    }
    transport_.reset();
    if (exchange != nullptr && !running) exchange->discard();
    if (exchange != nullptr && running) exchange->onGone(std::move(turn_->head.data), turn_->output.pending());
    owner_.remove(*this);
}

void Http1::onEvent(uint32_t what, uint32_t share_milli) {
    share_milli_ += share_milli;
    if ((what & os::kHangup) != 0) hangup_ = true;
    if ((what & (os::kReadable | os::kHangup)) != 0) readable_ = true;
    if ((what & os::kWritable) != 0 && transport_->wantsToWrite()) readable_ = true;
    if (state_ == State::Head && (readable_ || (turn_ && !turn_->output.isEmpty()))) takeUp();
    if (exchange_ != nullptr) exchange_->account().event_milli += std::exchange(share_milli_, 0);
    // Who works for a client that has gone should know. When this side has ended its sending, the client's end of
    // its own looks the same, and its last bytes are still to be read.
    if ((what & os::kGone) != 0 && state_ != State::Linger && !sending_ended_) return close();
    if (state_ == State::Linger) return readOn();
    if (state_ == State::Drain) return pump();
    if (exchange_ == nullptr) return;
    if ((what & os::kWritable) != 0 && (finishing_ || !turn_->output.isEmpty())) flush();
    if (state_ != State::Closed) pump();
}

/// Goes on with whatever can go on: heads, bodies, until input or the running request is waited for.
void Http1::pump() {
    if (pumping_ || !turn_) return;
    pumping_ = true;
    for (bool more = true; more && state_ != State::Closed;) {
        if (state_ == State::Head)
            more = parseHead() || fillHead();
        else if (state_ == State::Drain)
            more = dropBody();
        else
            more = state_ == State::Running && body_wanted_ && takeBody();
    }
    pumping_ = false;
    if (state_ == State::Closed) return;
    bool left_behind = !waiting_ && !finishing_ && turn_->output.copied() > 0;  // answers of pipelined requests
    if (left_behind || flush_wanted_) flush();
    if (state_ == State::Closed) return;
    if (state_ == State::Head && turn_ && turn_->head.size() == 0) {
        if (exchange_ != nullptr) std::exchange(exchange_, nullptr)->discard();
        if (turn_->output.isEmpty()) rest();
    }
    callOut();
}

/// A client that sends no more may wait for its answer, or be gone altogether: TCP tells the two apart only by
/// what happens to bytes on the way to it. So as much of the answer leaves as is known already; a closed socket
/// resets.
void Http1::callOut() {
    if (!hangup_ || called_out_ || state_ != State::Running || body_wanted_ || finishing_ || waiting_) return;
    called_out_ = true;
    if (!head_sent_)
        status_begun_ = turn_->output.append(kStatusBegin);
    else if (chunked_out_ && turn_->output.isEmpty())
        turn_->output.append("0");  // the size of the next chunk may begin with zeros
    if (!turn_->output.isEmpty()) flush();
}

void Http1::pumpLater() {
    if (later_queued_ || pumping_) return;
    later_queued_ = true;
    runtime_.loop().later(
        [](void* connection) {
            auto& self = *static_cast<Http1*>(connection);
            self.later_queued_ = false;
            if (self.state_ == State::Closed) return;
            if (self.state_ == State::Head && !self.turn_ && !self.readable_) return;
            if (self.state_ == State::Head) self.takeUp();
            if (self.exchange_ == nullptr && self.state_ != State::Drain) return;
            if (!self.turn_->output.isEmpty()) self.flush();
            if (self.state_ != State::Closed) self.pump();
        },
        this);
}

/// A buffer with free space behind its data: moves data to the front or into a larger block. False: it is full.
bool Http1::makeRoom(Input& input) {
    if (!input.data) {
        bool large = &input == &turn_->body;
        input.data = (large ? runtime_.largeBlocks() : runtime_.blocks()).take();
        input.capacity = large ? Runtime::kLargeBlock : runtime_.blocks().blockSize();
        input.begin = input.end = 0;
    }
    if (input.begin == input.end) input.begin = input.end = 0;
    if (input.end < input.capacity) return true;
    if (state_ == State::Head && input.begin > 0) {
        // Nothing points into it yet.
        std::memmove(input.data.get(), input.data.get() + input.begin, input.size());
        input.end = input.size();
        input.begin = 0;
        return true;
    }
    if (input.capacity == Runtime::kLargeBlock) return false;
    auto larger = runtime_.largeBlocks().take();
    std::memcpy(larger.get(), input.data.get() + input.begin, input.size());
    size_t size = input.size();
    runtime_.blocks().give(std::move(input.data));
    input = {std::move(larger), Runtime::kLargeBlock, 0, size};
    return true;
}

/// The request that is being read, answered or waited for; between them the worker.
ledger::Account& Http1::payer() { return exchange_ != nullptr ? exchange_->account() : runtime_.account(); }

/// Reads once. 0: nothing now; -1: the connection is done for.
int64_t Http1::fill(Input& input) {
    if (!readable_) return 0;
    size_t size = input.capacity - input.end;
    int64_t got;
    {
        ledger::Scope charge(payer());
        got = transport_->receive(input.data.get() + input.end, size);
    }
    if (handshaking_) onHandshake(got);
    if (got == -EAGAIN) {
        readable_ = false;
        return 0;
    }
    if (got == 0) onEnd();
    if (got < 0) transport_->fault().empty() ? close() : turnAway();
    if (got <= 0) return -1;
    // A short read has emptied the socket; the next bytes will be told. After a hang-up the end is still to be
    // read.
    if (static_cast<size_t>(got) < size && !hangup_ && !transport_->hasEnded()) readable_ = false;
    input.end += static_cast<size_t>(got);
    return got;
}

/// `got`: what receive() said.
void Http1::onHandshake(int64_t got) {
    if (transport_->isReady()) {
        handshaking_ = false;
        enter(Counted::Idle);
        peer_.secure = transport_->isSecure();
        peer_.misdirected = transport_->isMisdirected();
        peer_.tls = transport_->session();
        owner_.onHandshake(*this, peer_.misdirected ? "plain HTTP came" : "");
        if (!draining_) setDeadline(Deadline::Header, runtime_.limits().header_ms);
    } else if (got != -EAGAIN) {
        handshaking_ = false;
        owner_.onHandshake(*this, transport_->fault().empty() ? "the client left" : transport_->fault());
    }
}

/// After a handshake that failed: the alert that says why must not be lost to a reset.
void Http1::turnAway() {
    if (exchange_ != nullptr) std::exchange(exchange_, nullptr)->discard();
    transport_->endSending();
    linger();
}

bool Http1::fillHead() {
    if (!readable_) return false;
    takeUp();
    bool fresh = turn_->head.size() == 0;
    if (!makeRoom(turn_->head)) return false;
    if (fill(turn_->head) <= 0) return false;
    if (fresh && deadline_ != Deadline::Header) setDeadline(Deadline::Header, runtime_.limits().header_ms);
    return true;
}

bool Http1::parseHead() {
    if (turn_->head.size() == 0) return false;
    takeUp();
    const config::Limits& l = runtime_.limits();
    http::HeadLimits limits{l.request_line, l.field, l.fields_total, l.fields};
    http::RequestHead head;
    head.fields = exchange_->arena().array<tp_field>(limits.fields);
    if (head.fields == nullptr) return refuseHead(503, "limits.request_memory holds no limits.fields fields");
    char* data = turn_->head.data.get() + turn_->head.begin;
    if (requests_ == 0 && becomesHttp2()) return true;
    if (peer_.tls != nullptr && peer_.tls->alpn == kHttp2Alpn &&
        !Http2::kPreface.starts_with(std::string_view(data, turn_->head.size())))
        return refuseHead(400, "HTTP/2 was agreed on, and something else came");
    http::HeadResult result = http::parseRequestHead(data, turn_->head.size(), turn_->seen, limits, head);
    if (result.state == http::Parse::Incomplete) {
        exchange_->arena().reset();
        turn_->seen = turn_->head.size();
        enter(Counted::ReadingHead);
        if (turn_->head.end < turn_->head.capacity || makeRoom(turn_->head)) return false;
        result = {http::Parse::Refused, 0, 431, "the head does not fit the buffer"};
    }
    if (result.state == http::Parse::Refused) return refuseHead(result.status, result.reason, head);
    turn_->seen = 0;
    speak(head.minor_version);
    openExchange();
    turn_->head.begin += result.consumed;
    begunBody(head);
    exchange_->run(head);
    return true;
}

/// A first request that is the preface of HTTP/2 (RFC 9113 section 3.4) is none: the connection goes on in that
/// protocol, with the bytes that have come. An incomplete one is an incomplete head of ours too. Inside TLS both
/// have agreed on it before (section 3.2).
bool Http1::becomesHttp2() {
    std::string_view input(turn_->head.data.get() + turn_->head.begin, turn_->head.size());
    if (!runtime_.snapshot().server.http2 || !input.starts_with(Http2::kPreface)) return false;
    if (peer_.misdirected || (peer_.tls != nullptr && peer_.tls->alpn != kHttp2Alpn)) return false;
    auto* http2 = new Http2(owner_, runtime_, std::move(transport_), ends_);
    state_ = State::Closed;
    runtime_.loop().disarm(timer_);
    runtime_.loop().forget(*this);
    const ledger::Account paid = std::exchange(exchange_->account(), {});
    std::exchange(exchange_, nullptr)->discard();
    owner_.replace(*this, *http2);
    http2->begin(input, draining_, paid);
    return true;
}

/// What it is at when nothing is held up by the client.
Http1::Counted Http1::stage() const {
    if (state_ != State::Head) return Counted::Handling;
    return turn_->head.size() > 0 ? Counted::ReadingHead : Counted::Idle;
}

/// Before the exchange opens: it takes the peer as it is then.
void Http1::speak(uint32_t minor_version) {
    is_1_0_ = minor_version == 0;
    peer_.protocol = is_1_0_ ? "HTTP/1.0" : "HTTP/1.1";
}

/// Whatever follows is not a request.
bool Http1::refuseHead(unsigned status, const char* reason, const http::RequestHead& head) {
    turn_->seen = 0;
    openExchange();
    exchange_->noteRefused(head);
    keep_alive_ = false;
    body_done_ = false;
    chunked_in_ = true;  // of no length that could be skipped
    exchange_->refuse(status, reason);
    return true;
}

void Http1::openExchange() {
    state_ = State::Running;
    head_sent_ = head_open_ = called_out_ = status_begun_ = takes_trailers_ = false;
    setTrailers(nullptr, 0);
    deadline_ = Deadline::None;
    listBusy(Counted::Handling);
    exchange_->open(*this, runtime_.loop().nowNs());
}

void Http1::begunBody(const http::RequestHead& head) {
    ++requests_;
    asked_to_close_ = !head.keep_alive;
    keep_alive_ = head.keep_alive && !draining_ && requests_ < runtime_.limits().requests_per_connection;
    expect_continue_ = head.expect_continue;
    takes_trailers_ = head.takes_trailers;
    chunked_in_ = head.chunked;
    turn_->body_left = head.content_length > 0 ? static_cast<uint64_t>(head.content_length) : 0;
    body_done_ = head.content_length == 0;
    body_wanted_ = false;
    turn_->body_pace = {};
    turn_->decoder = {};
}

void Http1::readBody() {
    body_wanted_ = true;
    turn_->body_pace.ask(runtime_.loop().nowNs());
    if (!body_done_ && !tunnel_) setDeadline(Deadline::Body, runtime_.limits().body_gap_ms);
    if (expect_continue_ && turn_->head.size() == 0 && !body_done_) sendInterim(100, nullptr, 0);
    expect_continue_ = false;
    pumpLater();
}

/// Where the next bytes of the body are; null: input is waited for.
Http1::Input* Http1::nextInput() {
    if (turn_->head.size() > 0) return &turn_->head;
    if (turn_->body.size() > 0) return &turn_->body;
    makeRoom(turn_->body);
    // With room for more than the body a short read tells that nothing more is there; what comes behind the body
    // is the next request.
    return fill(turn_->body) > 0 ? &turn_->body : nullptr;
}

/// Takes the next part of the body, or of its framing, off the input.
Http1::Part Http1::cutBody(Input& input, std::string_view& data) {
    data = {input.data.get() + input.begin, input.size()};
    if (!chunked_in_) {
        if (!tunnel_) data = data.substr(0, turn_->body_left);
        input.begin += data.size();
        if (!tunnel_) body_done_ = (turn_->body_left -= data.size()) == 0;
        return Part::Data;
    }
    const http::ChunkedDecoder::Step step = turn_->decoder.feed(data);
    input.begin += step.consumed;
    data = step.data;
    using Decoded = http::ChunkedDecoder::State;
    if (step.state == Decoded::More) return Part::Framing;
    if (step.state == Decoded::Data) return Part::Data;
    if (step.state == Decoded::Bad) return Part::Bad;
    body_done_ = true;
    return Part::End;
}

/// Brings the next part of the body to the exchange. False: input is waited for.
bool Http1::takeBody() {
    if (body_done_) return giveBody(nullptr, 0);
    const bool is_here = turn_->head.size() + turn_->body.size() > 0;
    Input* input = nextInput();
    if (input == nullptr) {
        if (state_ == State::Running && !tunnel_) enter(Counted::ReadingBody);
        return false;
    }
    if (countedAs() == Counted::ReadingBody)
        enter(turn_->write_timer.isArmed() ? Counted::Writing : Counted::Handling);
    if (!is_here && !tunnel_ && tooSlow()) return false;
    std::string_view data;
    switch (cutBody(*input, data)) {
        case Part::Framing:
            return true;
        case Part::Data:
            return giveBody(data.data(), data.size());
        case Part::End:
            return giveBody(nullptr, 0);
        case Part::Bad:
            break;
    }
    body_wanted_ = false;
    exchange_->onBodyFailed(400, turn_->decoder.reason());
    return true;
}

bool Http1::giveBody(const char* data, size_t size) {
    body_wanted_ = false;
    turn_->body_pace.give(runtime_.loop().nowNs(), size);
    if (deadline_ == Deadline::Body) deadline_ = Deadline::None;
    exchange_->onBody({data, size}, body_done_);
    return true;
}

bool Http1::tooSlow() {
    const config::Limits& limits = runtime_.limits();
    setDeadline(Deadline::Body, limits.body_gap_ms);
    if (!turn_->body_pace.isTooSlow(runtime_.loop().nowNs(), turn_->body.size(), limits)) return false;
    body_wanted_ = false;
    exchange_->onBodyFailed(408, kBodyTooSlow);
    return true;
}

/// The client will send nothing more.
void Http1::onEnd() {
    readable_ = false;
    input_ended_ = true;
    if (tunnel_ && state_ == State::Running) {
        body_done_ = true;
        giveBody(nullptr, 0);
        return;
    }
    if (state_ == State::Head && !turn_->output.isEmpty()) return;  // answers to what came before leave first
    close();
}

void Http1::setDeadline(Deadline deadline, uint64_t ms) {
    deadline_ = deadline;
    runtime_.loop().arm(timer_, ms);
}

void Http1::onDeadline() {
    switch (deadline_) {
        case Deadline::None:
            return;
        case Deadline::Body:
            body_wanted_ = false;
            deadline_ = Deadline::None;
            return exchange_->onBodyFailed(408, kBodyStopped);
        case Deadline::Handshake:
            owner_.onHandshake(*this, "it was not done in time (limits.handshake)");
            return close();
        case Deadline::Header:
            if (!turn_ || turn_->head.size() == 0) return close();
            takeUp();
            refuseHead(408, "the head did not come in time (limits.header)");
            return;
        case Deadline::Idle:
        case Deadline::Linger:
            return close();
    }
}

void Http1::release(Input& input) {
    if (input.data) {
        bool large = input.capacity == Runtime::kLargeBlock;
        (large ? runtime_.largeBlocks() : runtime_.blocks()).give(std::move(input.data));
    }
    input = {};
}

}  // namespace turnpike::server
