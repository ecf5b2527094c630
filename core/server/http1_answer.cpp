// How an answer leaves an HTTP/1.x connection, and what becomes of the connection afterwards.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "http/trailers.h"
#include "server/connections.h"
#include "server/http1.h"
#include "server/runtime.h"

namespace turnpike::server {

/// Nobody need read the rest of the body for the connection to go on.
bool Http1::bodyIsHere() const { return body_done_ || (!chunked_in_ && turn_->body_left <= turn_->head.size()); }

/// Body bytes that have already come are dropped, so that the connection can go on; others make it end.
void Http1::skipBody() {
    if (body_done_ || !bodyIsHere()) return;
    turn_->head.begin += turn_->body_left;
    turn_->body_left = 0;
    body_done_ = true;
}

http::Framing Http1::framing(int64_t length, bool body) const {
    if (length != TP_LENGTH_UNKNOWN) return http::Framing::Length;
    if (!body) return http::Framing::None;
    return is_1_0_ ? http::Framing::Close : http::Framing::Chunked;
}

/// An HTTP/1.0 client knows no interim answers (RFC 9110 section 15.2).
void Http1::sendInterim(unsigned status, const tp_field* fields, size_t count) {
    if (is_1_0_) return;
    flushLater();
    http::ResponseHead head;
    head.status = status;
    head.fields = fields;
    head.field_count = count;
    head.framing = http::Framing::None;
    writeHead(head);
}

void Http1::sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) {
    const bool is_body_to_come = !body_wanted_ && !bodyIsHere();
    // A client that waits for "100 Continue" may now leave its body out (RFC 9110 section 10.1.1): whatever comes
    // next could be a body or a request.
    if (is_body_to_come && expect_continue_ && turn_->head.size() == 0) keep_alive_ = false;
    head_sent_ = true;
    expect_continue_ = false;  // an interim answer comes before the answer or not at all
    flushLater();              // the body may be long in coming
    http::ResponseHead head;
    head.status = status;
    head.fields = fields;
    head.field_count = count;
    head.framing = status == 204 ? http::Framing::None : framing(length, body);
    if (status == 304 && length == 0) head.framing = http::Framing::None;
    head.length = length > 0 ? static_cast<uint64_t>(length) : 0;
    chunked_out_ = head.framing == http::Framing::Chunked;
    close_framed_ = head.framing == http::Framing::Close;
    if (close_framed_) keep_alive_ = false;
    if (chunked_out_ && takes_trailers_) {
        head.trailers = turn_->trailers;
        head.trailer_count = turn_->trailer_count;
    }
    head.keep_alive = keep_alive_;
    head.is_open = head_open_ = keep_alive_ && is_body_to_come;
    head.client_is_1_0 = is_1_0_;
    writeHead(head);
}

/// The head was left open: whether anybody reads the body is known better when the first of the answer leaves.
void Http1::endHead(bool is_whole) {
    head_open_ = false;
    if (is_whole && !body_wanted_ && !mayDrain()) keep_alive_ = false;
    const std::string_view end = http::headEnd(keep_alive_, is_1_0_);
    if (!turn_->output.append(end)) turn_->output.borrow(end);
}

/// The connection ends with the tunnel, whichever side ends it.
bool Http1::sendUpgrade(std::string_view protocol, const tp_field* fields, size_t count) {
    if (is_1_0_ || !body_done_ || head_sent_) return false;
    tunnel_ = close_framed_ = head_sent_ = true;
    chunked_out_ = chunked_in_ = keep_alive_ = body_done_ = false;
    enter(Counted::Tunnel);
    flushLater();
    http::ResponseHead head;
    head.status = 101;
    head.fields = fields;
    head.field_count = count;
    head.framing = http::Framing::None;
    head.upgrade = protocol;
    writeHead(head);
    return true;
}

void Http1::writeHead(http::ResponseHead& head) {
    const bool is_interim = head.status < 200 && head.upgrade.empty();
    if (!is_interim) {
        head.date = runtime_.date();
        head.server = runtime_.snapshot().server.server_name;
    }
    const size_t begun = std::exchange(status_begun_, false) ? kStatusBegin.size() : 0;
    size_t most = http::responseHeadSize(head);
    if (char* to = turn_->output.room(most); to != nullptr) {
        size_t size = http::writeResponseHead(head, to) - begun;
        if (begun > 0) std::memmove(to, to + begun, size);
        return turn_->output.commit(size);
    }
    // Larger than what is left of the block: it is written beside it and borrowed.
    char* to = exchange_->arena().array<char>(most);
    if (to == nullptr) return abort();
    turn_->output.borrow(std::string_view(to, http::writeResponseHead(head, to)).substr(begun));
}

/// What stands behind a part of the body: the end of its chunk, and the end of the whole with the trailers. It
/// lives until the answer has left.
std::string_view Http1::bodyEnd(bool has_chunk, bool last) {
    constexpr std::string_view kChunk = "\r\n", kLast = "0\r\n\r\n", kBoth = "\r\n0\r\n\r\n";
    if (!chunked_out_ || !(has_chunk || last)) return {};
    if (!last) return kChunk;
    if (!takes_trailers_ || turn_->trailer_count == 0) return has_chunk ? kBoth : kLast;
    turn_->last_chunk = has_chunk ? kChunk : std::string_view();
    http::appendLastChunk(turn_->last_chunk, turn_->trailers, turn_->trailer_count);
    return turn_->last_chunk;
}

int32_t Http1::sendBody(const tp_str* parts, size_t count, bool last) {
    if (head_open_) endHead(last);
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) size += parts[i].len;
    size_t chunk_head = chunked_out_ && size > 0 ? http::encodeChunkHead(size, turn_->chunk) : 0;
    const std::string_view end = bodyEnd(chunk_head > 0, last);
    if (char* to = turn_->output.room(chunk_head + size + end.size()); to != nullptr) {
        to = std::copy_n(turn_->chunk, chunk_head, to);
        for (size_t i = 0; i < count; ++i) to = std::copy_n(parts[i].ptr, parts[i].len, to);
        std::copy(end.begin(), end.end(), to);
        turn_->output.commit(chunk_head + size + end.size());
        if (!last) flushLater();
        return TP_SENT;
    }
    turn_->output.borrow({turn_->chunk, chunk_head});
    for (size_t i = 0; i < count; ++i) turn_->output.borrow({parts[i].ptr, parts[i].len});
    turn_->output.close(end);
    return sendNow();
}

int32_t Http1::sendFile(int fd, uint64_t offset, uint64_t size, bool last) {
    if (size == 0) return sendBody(nullptr, 0, last);
    if (head_open_) endHead(last);
    if (chunked_out_) turn_->output.borrow({turn_->chunk, http::encodeChunkHead(size, turn_->chunk)});
    turn_->output.borrowFile(fd, offset, size);
    turn_->output.close(bodyEnd(true, last));
    return sendNow();
}

int32_t Http1::sendPipe(PipeLoan pipe) {
    if (head_open_) endHead(false);
    if (chunked_out_) turn_->output.borrow({turn_->chunk, http::encodeChunkHead(pipe->held(), turn_->chunk)});
    turn_->output.borrowPipe(std::move(pipe));
    turn_->output.close(bodyEnd(true, false));
    return sendNow();
}

/// What was borrowed is sent as far as the socket takes it, before the caller goes on.
int32_t Http1::sendNow() {
    waiting_ = in_send_ = true;
    flush();
    in_send_ = false;
    if (state_ == State::Closed) return TP_GONE;
    return waiting_ ? TP_WAIT : TP_SENT;
}

/// Parts of an answer leave when the hook that made them has returned.
void Http1::flushLater() {
    flush_wanted_ = true;
    pumpLater();
}

void Http1::flush() {
    ledger::Scope charge(payer());
    flush_wanted_ = false;
    if (head_open_) endHead(false);
    bool was_waiting = waiting_;
    switch (turn_->output.flush(*transport_, finishing_ && !staysOpen())) {
        case Output::Flush::Blocked:
            return armWrite();
        case Output::Flush::Yield:
            runtime_.loop().disarm(turn_->write_timer);
            runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this);
            return armWrite();  // the socket may be full to the byte, and nothing is told then
        case Output::Flush::Failed:
            return abort();
        case Output::Flush::Done:
            break;
    }
    runtime_.loop().disarm(turn_->write_timer);
    if (countedAs() == Counted::Writing) enter(stage());
    if (finishing_) return answered();
    if (sending_ends_ && !std::exchange(sending_ended_, true)) transport_->endSending();
    if (input_ended_ && state_ == State::Head) return close();
    waiting_ = false;
    if (was_waiting && !in_send_) exchange_->onWritable();
}

/// Bytes that the client's side has taken, which says more than what the kernel took from us.
uint64_t Http1::taken() const { return turn_->output.sent() - static_cast<uint64_t>(transport_->unsent()); }

void Http1::armWrite() {
    if (!tunnel_) enter(Counted::Writing);
    if (turn_->write_timer.isArmed()) return;
    turn_->write_pace.begin();
    runtime_.loop().arm(turn_->write_timer, WritePace::firstLookMs(runtime_.limits()));
}

void Http1::onWriteDeadline() {
    const config::Limits& limits = runtime_.limits();
    ledger::Scope charge(payer());
    const std::string_view wrong = turn_->write_pace.look(runtime_.loop().nowNs(), taken(), limits);
    if (wrong.empty()) return runtime_.loop().arm(turn_->write_timer, limits.write_ms);
    if (exchange_ != nullptr) exchange_->log(TP_LOG_INFO, wrong);
    // What waits in the kernel goes as well.
    transport_->resetOnClose();
    close();
}

void Http1::finish() {
    finishing_ = true;
    skipBody();
    if (head_open_) endHead(true);
    // More requests wait in the input: their answers leave together with this one.
    if (pumping_ && keep_alive_ && body_done_ && turn_->head.size() > 0 && turn_->output.room(2048) != nullptr)
        return answered();
    flush();
}

void Http1::answered() {
    finishing_ = waiting_ = false;
    Exchange* exchange = std::exchange(exchange_, nullptr);
    bool on = staysOpen();
    // More input than was read would turn the close into a reset, and a client that knows nothing of the end may
    // be sending some, unless it has ended that.
    bool lingers =
        !on && !input_ended_ &&
        (!body_done_ || !asked_to_close_ || readable_ || turn_->head.size() > 0 || turn_->body.size() > 0);
    if (lingers) transport_->endSending();
    if (!on && !lingers) {
        // The close is this request's last crossing.
        ledger::Scope charge(exchange->account());
        runtime_.loop().forget(*this);
        transport_.reset();
    }
    exchange->onSent();
    if (on) return body_done_ ? nextRequest() : drainBody();
    if (lingers) return linger();
    state_ = State::Closed;
    runtime_.loop().disarm(timer_);
    owner_.remove(*this);
}

void Http1::nextRequest() {
    state_ = State::Head;
    if (turn_->body.size() > 0) {
        // Pipelined requests that came behind a body.
        release(turn_->head);
        turn_->head = std::exchange(turn_->body, Input{});
    }
    release(turn_->body);
    const bool has_input = turn_->head.size() > 0;
    if (has_input)
        setDeadline(Deadline::Header, runtime_.limits().header_ms);  // the next one has begun to come
    else
        setDeadline(Deadline::Idle, draining_ ? runtime_.limits().linger_ms : idleMs());
    listIdle(Counted::Idle);
    if (pumping_) return;
    if (has_input || readable_) return pumpLater();
    rest();
}

/// The rest of the body is none that is too much to read for nothing, as far as that is known.
bool Http1::mayDrain() const {
    return bodyIsHere() || chunked_in_ || turn_->body_left - turn_->head.size() <= kMostDrained;
}

/// The answer is out, and its request's body is still coming: behind it the connection can go on.
void Http1::drainBody() {
    state_ = State::Drain;
    enter(Counted::ReadingBody);
    turn_->drained = 0;
    body_wanted_ = false;
    setDeadline(Deadline::Linger, runtime_.limits().linger_ms);
    pumpLater();
}

/// The next of it. False: input is waited for.
bool Http1::dropBody() {
    Input* input = nextInput();
    if (input == nullptr) return false;
    const size_t before = input->size();
    std::string_view data;
    const Part part = cutBody(*input, data);
    turn_->drained += before - input->size();
    if (body_done_) {
        nextRequest();
    } else if (part == Part::Bad || turn_->drained > kMostDrained) {
        transport_->endSending();
        linger();
    }
    return true;
}

/// The answer is out but the client may still be sending: a close now would reset the connection and could take
/// the answer away with it.
void Http1::linger() {
    state_ = State::Linger;
    enter(Counted::Closing);
    release(turn_->head);
    release(turn_->body);
    setDeadline(Deadline::Linger, runtime_.limits().linger_ms);
    readOn();
}

void Http1::readOn() {
    ledger::Scope charge(payer());
    const Discard discarded = discardInput(readable_);
    if (discarded == Discard::Over) return close();
    if (discarded == Discard::More)
        runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this);
}

void Http1::abort() {
    // A body that ends with the connection would look complete after an orderly close.
    if (close_framed_ && transport_) transport_->resetOnClose();
    close();
}

}  // namespace turnpike::server
