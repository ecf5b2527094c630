// What an HTTP/2 connection sends: nghttp2 writes the frames of all streams into one block, which leaves at once.
#include <algorithm>
#include <utility>

#include "server/connections.h"
#include "server/http2.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

/// What one connection may send before others get their turn.
constexpr uint64_t kFairShare = 1u << 20;

/// Window updates that a client may have in hand from the data that it was sent.
constexpr uint32_t kMostWindowCredit = 1000;

/// What a frame of DATA holds at most, though a client may take larger ones: streams take turns by frames.
constexpr ssize_t kFrameData = 16384;

/// A frame of DATA smaller than this is not worth being cut to fit the block.
constexpr ssize_t kSmallestCut = 1024;

}  // namespace

void Http2::deferHead(Http2Stream& stream) {
    deferred_.push_back(&stream);
    flushLater();
}

ssize_t Http2::write(std::string_view bytes) {
    char* to = output_.room(bytes.size());
    full_ = to == nullptr;
    if (full_) return NGHTTP2_ERR_WOULDBLOCK;
    std::copy(bytes.begin(), bytes.end(), to);
    output_.commit(bytes.size());
    return static_cast<ssize_t>(bytes.size());
}

/// Cut to what the block still holds, so that a block is filled whatever the size of frames.
ssize_t Http2::frameSize(int32_t window, int32_t stream_window, uint32_t most) {
    const auto space = static_cast<ssize_t>(output_.space()) - static_cast<ssize_t>(kFrameHead);
    const ssize_t size = std::min<ssize_t>({window, stream_window, most, kFrameData});
    return space >= kSmallestCut ? std::min(size, space) : size;
}

int Http2::writeData(Http2Stream& stream, std::string_view head, size_t size) {
    if (stream.exchange() == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    char* to = output_.room(head.size() + size);
    full_ = to == nullptr;
    if (full_) return NGHTTP2_ERR_WOULDBLOCK;
    {
        ledger::Scope charge(stream.exchange()->account());
        const int64_t taken = stream.takeOutput(to + head.size(), size);
        // A file that is shorter than it was: the stream is reset.
        if (taken != static_cast<int64_t>(size)) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    std::copy(head.begin(), head.end(), to);
    output_.commit(head.size() + size);
    writer_ = &stream;
    if (stream.wantsWritable()) writable_.push_back(&stream);
    return 0;
}

int Http2::onFrameSent(const nghttp2_frame& frame) {
    // Behind the notice, not with it: a PING overtakes what nghttp2 has queued.
    if (frame.hd.type == NGHTTP2_GOAWAY && notice_sent_ && !last_word_sent_)
        nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
    const bool is_data = frame.hd.type == NGHTTP2_DATA;
    // Each frame of data may be answered by an update of its stream's window and of the connection's.
    if (is_data) window_credit_ = std::min(window_credit_ + 2, kMostWindowCredit);
    if (!is_data && frame.hd.type != NGHTTP2_HEADERS) return 0;
    if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    Http2Stream* stream = find(frame.hd.stream_id);
    if (stream == nullptr) return 0;
    writer_ = stream;
    stream->markEnded();
    leaving_.push_back(stream);
    if (!stream->isBodyEnded()) stream->drainBody();
    return 0;
}

/// A head that is too large to be sent, or of a stream that is gone.
int Http2::onFrameNotSent(const nghttp2_frame& frame) {
    if (frame.hd.type != NGHTTP2_HEADERS || find(frame.hd.stream_id) == nullptr) return 0;
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_INTERNAL_ERROR);
    return 0;
}

/// Lets nghttp2 write until the block is full or nothing is left. False: the session is broken.
bool Http2::send() {
    full_ = false;
    return nghttp2_session_send(session_.get()) == 0;
}

/// Goes on while plugins have more to send now that their last piece is copied.
bool Http2::fill() {
    for (bool more = true; more;) {
        if (!send()) return false;
        std::vector<Http2Stream*> told;
        told.swap(writable_);
        for (Http2Stream* stream : told) stream->tellWritable();
        more = !told.empty() && !full_;
    }
    return true;
}

void Http2::flush() {
    flushing_ = true;
    for (size_t i = 0; i < deferred_.size(); ++i) deferred_[i]->submitDeferred();
    deferred_.clear();
    const Flushed flushed = flushBlocks();
    flushing_ = false;
    sweep();
    if (state_ != State::Open) return;
    if (flushed == Flushed::Failed) return close();
    if (flushed == Flushed::Waits) return;
    output_.release();
    watchOutputs();
    const bool is_over =
        nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
    if (is_over && transport_->complete() == 0) return end();
    if (is_over) return waitForRoom();
    if (input_ended_ && running_ == 0) close();
}

Http2::Flushed Http2::flushBlocks() {
    unfinished_ = false;
    for (uint64_t sent = 0;;) {
        if (!fill()) return Flushed::Failed;
        const size_t size = output_.copied();
        if (size == 0) return Flushed::All;
        Output::Flush result;
        {
            ledger::Scope charge(paid_);
            result = output_.flush(*transport_, false);
        }
        if (result == Output::Flush::Failed) return Flushed::Failed;
        if (result != Output::Flush::Done) {
            waitForRoom();
            watchOutputs();
            return Flushed::Waits;
        }
        runtime_.loop().disarm(write_timer_);
        tellLeft();
        sent += size;
        if (!full_ && nghttp2_session_want_write(session_.get()) == 0) return Flushed::All;
        if (sent < kFairShare) continue;
        runtime_.loop().tellAgain(transport_->fd(), os::kReadable | os::kWritable, *this);
        waitForRoom();  // the socket may be full to the byte, and nothing is told then
        watchOutputs();
        return Flushed::Waits;
    }
}

/// The block has left: the answers whose end was in it are over. The calls are paid by who wrote last.
void Http2::tellLeft() {
    const bool has_payer = writer_ != nullptr && writer_->exchange() != nullptr;
    if (has_payer && ledger::isOn()) writer_->exchange()->account().add(std::exchange(paid_, {}));
    writer_ = nullptr;
    std::vector<Http2Stream*> left;
    left.swap(leaving_);
    for (Http2Stream* stream : left)
        if (stream->isEnded()) stream->onLeft();
}

/// Answers that wait for their client, be it for its window or its socket.
void Http2::watchOutputs() {
    if (running_ == 0) return;
    for (auto& stream : streams_)
        if (stream->hasOutput()) stream->watchOutput();
}

}  // namespace turnpike::server
