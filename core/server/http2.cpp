#include "server/http2.h"

#include <utility>

#include "server/connections.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

http::HeadLimits headLimits(const config::Limits& l) {
    return {l.request_line, l.field, l.fields_total, l.fields};
}

}  // namespace

Http2::Http2(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends)
    : Connection(owner, runtime, std::move(transport), std::move(ends), "HTTP/2.0"),
      session_(makeHttp2Session(*this, runtime.limits())),
      timer_([](void* self) { static_cast<Http2*>(self)->onDeadline(); }, this),
      head_timer_([](void* self) { static_cast<Http2*>(self)->onHeadDeadline(); }, this),
      write_timer_([](void* self) { static_cast<Http2*>(self)->onWriteDeadline(); }, this),
      section_(headLimits(runtime.limits())),
      output_(runtime.largeBlocks()),
      born_ns_(runtime.loop().nowNs()) {}

Http2::~Http2() {
    streams_.clear();  // they give back what they hold of the session's windows
    spare_.clear();
    abandoned_->release();
}

void Http2::begin(std::string_view input, bool draining, const ledger::Account& paid) {
    if (!session_) return close();
    paid_.add(paid);
    // The kernel tells whom it was asked to tell: us from now on, and at once.
    if (runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this) < 0) return close();
    {
        // Frames of one stream must not wait until those of another are acknowledged.
        ledger::Scope charge(paid_);
        os::setNoDelay(transport_->fd(), os::Class::Client);
    }
    setDeadline(Deadline::Idle, runtime_.limits().header_ms);
    feed(input.substr(kPreface.size()));
    serve();
    if (draining) drain();
    flushLater();
}

void Http2::onEvent(uint32_t what, uint32_t share_milli) {
    share_milli_ += share_milli;
    if ((what & os::kHangup) != 0) hangup_ = true;
    if ((what & (os::kReadable | os::kHangup)) != 0) readable_ = true;
    if ((what & os::kWritable) != 0 && transport_->wantsToWrite()) readable_ = true;
    // Who works for a client that has gone should know.
    if ((what & os::kGone) != 0 && state_ == State::Open) return close();
    if (state_ == State::Linger) return readOn();
    if (state_ != State::Open) return;
    if ((what & os::kWritable) != 0 && unfinished_) flushLater();
    if (readable_) receive();
}

/// Once a round, when every source has had its turn: what they all have brought leaves together.
void Http2::flushLater() {
    if (later_queued_ || state_ != State::Open) return;
    later_queued_ = true;
    runtime_.loop().later([](void* self) { static_cast<Http2*>(self)->onLater(); }, this);
}

void Http2::onLater() {
    later_queued_ = false;
    if (state_ != State::Open) return;
    serve();
    flush();
}

void Http2::setDeadline(Deadline deadline, uint64_t ms) {
    deadline_ = deadline;
    runtime_.loop().arm(timer_, ms);
}

void Http2::onDeadline() {
    if (deadline_ == Deadline::Linger) return close();
    if (deadline_ == Deadline::Notice) return lastWord(NGHTTP2_NO_ERROR);
    if (running_ > 0) return;  // set again once none runs
    lastWord(NGHTTP2_NO_ERROR);
}

/// A field section that does not come to its end holds up all other streams, however steadily it comes.
void Http2::onHeadDeadline() {
    calm_ = true;
    flushLater();
}

void Http2::drain() {
    if (std::exchange(draining_, true)) return;
    goAway();
}

/// First "no more requests, please", then, once the client has heard it, which was the last to be answered: one
/// that was on its way meanwhile is answered too (RFC 9113 section 6.8).
void Http2::goAway() {
    if (notice_sent_ || last_word_sent_ || state_ != State::Open) return;
    notice_sent_ = true;
    nghttp2_submit_shutdown_notice(session_.get());
    setDeadline(Deadline::Notice, runtime_.limits().linger_ms);
    flushLater();
}

/// After it nothing new is taken. With an error, what is under way ends as well.
void Http2::lastWord(uint32_t code) {
    if (state_ != State::Open) return;
    last_word_sent_ = true;
    if (code != NGHTTP2_NO_ERROR)
        nghttp2_session_terminate_session(session_.get(), code);
    else
        nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                              nghttp2_session_get_last_proc_stream_id(session_.get()), code, nullptr, 0);
    flushLater();
}

/// Everything has been said.
void Http2::end() {
    transport_->endSending();
    beginLinger();
}

void Http2::beginLinger() {
    state_ = State::Linger;
    runtime_.loop().disarm(write_timer_);
    runtime_.loop().disarm(head_timer_);
    for (auto& stream : streams_) stream->loseExchange();
    enter(ledger::ConnectionState::Closing);
    setDeadline(Deadline::Linger, runtime_.limits().linger_ms);
    if (input_ended_) return close();
    readOn();
}

void Http2::readOn() {
    ledger::Scope charge(runtime_.account());
    const Discard discarded = discardInput(readable_);
    if (discarded == Discard::Over) return close();
    if (discarded == Discard::More)
        runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this);
}

void Http2::close() {
    if (state_ == State::Closed) return;
    state_ = State::Closed;
    for (net::Timer* timer : {&timer_, &head_timer_, &write_timer_}) runtime_.loop().disarm(*timer);
    runtime_.loop().forget(*this);
    runtime_.account().event_milli += std::exchange(share_milli_, 0);
    {
        ledger::Scope charge(paid_);
        transport_.reset();
    }
    if (ledger::isOn()) runtime_.account().add(std::exchange(paid_, {}));
    for (auto& stream : streams_) stream->loseExchange();
    owner_.remove(*this);
}

/// It goes on when the socket is writable.
void Http2::waitForRoom() {
    unfinished_ = true;
    if (write_timer_.isArmed()) return;
    write_pace_.begin();
    runtime_.loop().arm(write_timer_, WritePace::firstLookMs(runtime_.limits()));
}

void Http2::onWriteDeadline() {
    const config::Limits& limits = runtime_.limits();
    ledger::Scope charge(paid_);
    const int64_t waiting = transport_->unsent();
    const uint64_t taken = output_.sent() - (waiting > 0 ? static_cast<uint64_t>(waiting) : 0);
    const std::string_view wrong = write_pace_.look(runtime_.loop().nowNs(), taken, limits);
    if (wrong.empty()) return runtime_.loop().arm(write_timer_, limits.write_ms);
    runtime_.log(TP_LOG_INFO, std::string(peer_.remote_address) + ": " + std::string(wrong));
    os::resetOnClose(transport_->fd(), os::Class::Client);
    close();
}

}  // namespace turnpike::server
