// What an HTTP/2 client sends: its frames are counted before nghttp2 sees them, requests run after it has seen
// all.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "server/connections.h"
#include "server/http2.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

constexpr int kReadsPerTurn = 8;

/// A header block is given so many frames and, since it is compressed, little more room than what it stands for.
constexpr uint32_t kMostContinuations = 8;
uint64_t mostBlockBytes(const config::Limits& limits) { return limits.fields_total + limits.fields_total / 5; }

/// Heads with more fields than are taken that are answered; the client should know by then.
constexpr uint32_t kMostOversized = 2;

}  // namespace

void Http2::receive() {
    auto block = runtime_.largeBlocks().take();
    for (int turn = 0; readable_ && state_ == State::Open && !calm_; ++turn) {
        if (turn == kReadsPerTurn) {
            runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this);
            break;
        }
        int64_t got;
        {
            ledger::Scope charge(paid_);
            got = transport_->receive(block.get(), Runtime::kLargeBlock);
        }
        if (got == -EAGAIN) readable_ = false;
        if (got == -EAGAIN) break;
        if (got == 0) onEnd();
        if (got < 0) close();
        if (got <= 0) break;
        // A short read has emptied the socket; after a hang-up the end is still to be read.
        const bool is_short = static_cast<size_t>(got) < Runtime::kLargeBlock;
        if (is_short && !hangup_ && !transport_->hasEnded()) readable_ = false;
        feed({block.get(), static_cast<size_t>(got)});
    }
    runtime_.largeBlocks().give(std::move(block));
    serve();
    flushLater();
}

/// The client sends nothing more: what it has not finished asking for cannot be answered. It may wait for the
/// rest, or be gone altogether, which only a byte on the way to it can tell.
void Http2::onEnd() {
    readable_ = false;
    input_ended_ = true;
    for (auto& stream : streams_)
        if (!stream->isBodyEnded() && !stream->isEnded()) stream->loseExchange();
    if (running_ == 0 && ready_.empty() && output_.isEmpty() && nghttp2_session_want_write(session_.get()) == 0)
        return close();
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
}

/// Frames are handed on in such portions that no portion can cost the client more than it has left.
void Http2::feed(std::string_view bytes) {
    size_t done = 0, frames = 0, looked = 0;
    while (looked < bytes.size() && !calm_ && state_ == State::Open) {
        const http::FrameScanner::Step step = scanner_.next(bytes.substr(looked));
        const size_t begin = looked + step.begin;
        looked += step.consumed;
        if (!step.found) break;
        if (!admit(scanner_.head())) {
            calm_ = true;
            hand(bytes.substr(done, begin - done));
            return;
        }
        if (++frames <= budget_.left(runtime_.loop().nowNs()) / 2) continue;
        if (!hand(bytes.substr(done, looked - done))) return;
        done = looked;
        frames = 0;
    }
    hand(bytes.substr(done));
    // Here and not where nghttp2 tells of it: what comes behind a GOAWAY is passed over without a word.
    if (scanner_.isBetween() && (scanner_.head().flags & http::FrameHead::kEndHeaders) != 0) in_block_ = false;
    if (in_block_ && !head_timer_.isArmed()) runtime_.loop().arm(head_timer_, runtime_.limits().header_ms);
    if (!in_block_ && head_timer_.isArmed()) runtime_.loop().disarm(head_timer_);
}

bool Http2::hand(std::string_view bytes) {
    const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
    if (bytes.empty() || nghttp2_session_mem_recv(session_.get(), data, bytes.size()) >= 0) return !calm_;
    // What is left is to say so, if even that can be done.
    calm_ = true;
    return false;
}

/// The client wants too much, or what cannot be.
void Http2::quieten() {
    if (is_disordered_) return lastWord(NGHTTP2_PROTOCOL_ERROR);
    runtime_.log(TP_LOG_INFO, std::string(peer_.remote_address) +
                                  ": the HTTP/2 connection is closed: the client sends too many frames of a kind "
                                  "that brings it nothing, or fields without an end");
    lastWord(NGHTTP2_ENHANCE_YOUR_CALM);
}

bool Http2::spend() { return budget_.spend(runtime_.loop().nowNs()); }

void Http2::charge() {
    if (!spend()) calm_ = true;
}

bool Http2::admitHeaders(const http::FrameHead& frame) {
    const bool begins = frame.type == http::FrameType::Headers;
    // nghttp2 would pass over them without a word, as those of a stream that has ended.
    if (begins && !order_.admits(frame.stream)) {
        is_disordered_ = true;
        return false;
    }
    continuations_ = begins ? 0 : continuations_ + 1;
    block_bytes_ = (begins ? 0 : block_bytes_) + frame.length;
    return continuations_ <= kMostContinuations && block_bytes_ <= mostBlockBytes(runtime_.limits());
}

/// Whether the client may send this frame now. What is paid for by data costs nothing.
bool Http2::admit(const http::FrameHead& frame) {
    using http::FrameType;
    in_block_ =
        frame.type == FrameType::Headers || frame.type == FrameType::Continuation;  // until all of it is here
    switch (frame.type) {
        case FrameType::Headers:
        case FrameType::Continuation:
            return admitHeaders(frame);
        case FrameType::Data:
            if (frame.length > frame.padding || (frame.flags & http::FrameHead::kEndStream) != 0) return true;
            return spend();
        case FrameType::WindowUpdate:
            if (window_credit_ == 0) return spend();
            --window_credit_;
            return true;
        default:
            return spend();
    }
}

Http2Stream* Http2::find(int32_t id) {
    return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

Http2Stream& Http2::take(int32_t id) {
    if (spare_.empty()) spare_.push_back(std::make_unique<Http2Stream>(*this, runtime_));
    streams_.push_back(std::move(spare_.back()));
    spare_.pop_back();
    Http2Stream& stream = *streams_.back();
    stream.index = streams_.size() - 1;
    stream.open(id, runtime_.take());
    nghttp2_session_set_stream_user_data(session_.get(), id, &stream);
    ++runtime_.counters().http2_streams;
    if (running_++ == 0) listBusy(ledger::ConnectionState::Http2Active);
    return stream;
}

int Http2::onBeginHeaders(const nghttp2_frame& frame) {
    const int32_t id = frame.hd.stream_id;
    head_of_ = nullptr;
    if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) {
        head_of_ = find(id);
        section_.beginTrailers();
        return 0;
    }
    if (running_ + abandoned_->count() >= runtime_.limits().streams) {
        refuseStream(id, NGHTTP2_REFUSED_STREAM);
        return 0;
    }
    Http2Stream& stream = take(id);
    // Turns go round whatever the client would like: RFC 9218 would have streams wait for one another.
    const nghttp2_extpri turn{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
    nghttp2_session_change_extpri_stream_priority(session_.get(), id, &turn, 1);
    Arena& arena = stream.exchange()->arena();
    stream.head().fields = arena.array<tp_field>(runtime_.limits().fields);
    if (stream.head().fields == nullptr) {
        refuseStream(id, NGHTTP2_INTERNAL_ERROR);
        return 0;
    }
    section_.begin(arena, stream.head());
    head_of_ = &stream;
    return 0;
}

int Http2::onHeader(std::string_view name, std::string_view value) {
    if (head_of_ != nullptr) section_.add(name, value);
    return 0;
}

int Http2::onFrame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        // Our only ping while there is a notice goes behind it.
        if (notice_sent_ && !last_word_sent_) lastWord(NGHTTP2_NO_ERROR);
        return 0;
    }
    if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
    Http2Stream* stream = find(frame.hd.stream_id);
    if (stream == nullptr) return 0;
    const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        if (head_of_ != nullptr) onRequest(*stream, ends);
        return 0;
    }
    bool good = frame.hd.type == NGHTTP2_DATA || section_.conclude(ends).kind == http::Http2Verdict::Kind::Good;
    if (ends) good = stream->endBody() && good;
    if (!good) {
        refuseStream(frame.hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    } else if (ends) {
        bodyLater(*stream);
    }
    return 0;
}

void Http2::onRequest(Http2Stream& stream, bool ends) {
    const bool good = stream.concludeHead(section_, ends);
    if (section_.isOversized() && ++oversized_ > kMostOversized) calm_ = true;
    if (good) {
        ++requests_;
        ready_.push_back(&stream);
        return;
    }
    refuseStream(stream.id(), NGHTTP2_PROTOCOL_ERROR);
}

int Http2::onData(int32_t id, std::string_view data) {
    Http2Stream* stream = find(id);
    if (stream == nullptr) {
        nghttp2_session_consume_connection(session_.get(), data.size());
    } else if (stream->takeBody(data)) {
        bodyLater(*stream);
    } else {
        nghttp2_session_consume_connection(session_.get(), data.size());
        refuseStream(id, NGHTTP2_PROTOCOL_ERROR);
    }
    return 0;
}

int Http2::onStreamClosed(int32_t id) {
    if (Http2Stream* stream = find(id); stream != nullptr) {
        stream->markClosed();
        if (head_of_ == stream) head_of_ = nullptr;
        // At once: the next frame may begin another in its place.
        if (!stream->isEnded()) stream->loseExchange();
        lookAfter(*stream);
    }
    return 0;
}

void Http2::refuseStream(int32_t id, uint32_t code) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, code);
    if (Http2Stream* stream = find(id); stream != nullptr) {
        stream->markReset();
        lookAfter(*stream);
    }
    charge();
    flushLater();
}

void Http2::bodyLater(Http2Stream& stream) {
    bodies_.push_back(&stream);
    flushLater();
}

void Http2::lookAfter(Http2Stream& stream) {
    if (!std::exchange(stream.is_dead, true)) dead_.push_back(&stream);
    if (!serving_ && !flushing_) flushLater();
}

/// Requests run and bodies are given when nghttp2 is through: nothing that they do meets it half-way.
void Http2::serve() {
    if (std::exchange(serving_, true)) return;
    if (calm_ && !std::exchange(quietened_, true)) quieten();
    served_ = ready_;
    shareCost();
    for (size_t i = 0; i < ready_.size(); ++i)
        if (!ready_[i]->isReset() && ready_[i]->exchange() != nullptr) ready_[i]->run();
    ready_.clear();
    for (size_t i = 0; i < bodies_.size(); ++i) bodies_[i]->giveBody();
    bodies_.clear();
    serving_ = false;
    sweep();
    if (isWorn()) goAway();
}

bool Http2::isWorn() const {
    const config::Limits& limits = runtime_.limits();
    return requests_ >= limits.requests_per_connection ||
           runtime_.loop().nowNs() - born_ns_ > limits.connection_age_ms * 1'000'000;
}

/// What reading cost is paid by the requests that came by it: a wait in equal parts, calls by the first.
void Http2::shareCost() {
    const bool any_body = served_.empty() && !bodies_.empty();
    if (any_body) served_.push_back(bodies_.front());
    std::erase_if(served_, [](Http2Stream* s) { return s->exchange() == nullptr; });
    if (served_.empty()) return;
    const auto count = static_cast<uint32_t>(served_.size());
    for (Http2Stream* stream : served_) stream->exchange()->account().event_milli += share_milli_ / count;
    ledger::Account& first = served_.front()->exchange()->account();
    first.event_milli += share_milli_ % count;
    share_milli_ = 0;
    if (ledger::isOn()) first.add(std::exchange(paid_, {}));
    served_.clear();
}

void Http2::onExchangeEnded(Http2Stream& stream) {
    lookAfter(stream);
    --runtime_.counters().http2_streams;
    if (--running_ > 0 || state_ == State::Closed) return;
    listIdle(ledger::ConnectionState::Http2Idle);
    if (!notice_sent_ && state_ == State::Open) setDeadline(Deadline::Idle, idleMs());
}

/// Streams that nobody needs any more are used again.
void Http2::sweep() {
    for (size_t i = 0; i < dead_.size(); ++i) {
        Http2Stream& stream = *dead_[i];
        stream.is_dead = false;
        if (stream.isReset() && !stream.isEnded()) stream.loseExchange();
        if (!stream.isOver()) continue;
        if (writer_ == &stream) writer_ = nullptr;
        const size_t at = stream.index;
        stream.reset();
        spare_.push_back(std::move(streams_[at]));
        if (at + 1 != streams_.size()) {
            streams_[at] = std::move(streams_.back());
            streams_[at]->index = at;
        }
        streams_.pop_back();
    }
    dead_.clear();
}

}  // namespace turnpike::server
