#include "server/http2_stream.h"

#include <array>
#include <charconv>
#include <cstring>

#include "http/trailers.h"
#include "server/http2.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

nghttp2_nv pair(std::string_view name, std::string_view value) {
    // nghttp2 copies both, and does not write to them.
    return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
            reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
            NGHTTP2_NV_FLAG_NONE};
}
std::string_view text(tp_str s) { return {s.ptr, s.len}; }

void appendFields(std::vector<nghttp2_nv>& to, const tp_field* fields, size_t count) {
    for (size_t i = 0; i < count; ++i) to.push_back(pair(text(fields[i].name), text(fields[i].value)));
}

/// Fields that live as long as `arena`; null: it is full.
tp_field* copyFields(Arena& arena, const tp_field* fields, size_t count) {
    auto* kept = arena.array<tp_field>(count);
    for (size_t i = 0; kept != nullptr && i < count; ++i) {
        const std::string_view name = arena.copy(text(fields[i].name)), value = arena.copy(text(fields[i].value));
        if (name.data() == nullptr || value.data() == nullptr) return nullptr;
        kept[i] = {{name.data(), name.size()}, {value.data(), value.size()}};
    }
    return kept;
}

ssize_t offerOf(nghttp2_session*, int32_t, uint8_t*, size_t size, uint32_t* flags, nghttp2_data_source* source,
                void*) {
    return static_cast<Http2Stream*>(source->ptr)->offer(size, flags);
}

}  // namespace

Http2Stream::Http2Stream(Http2& connection, Runtime& runtime)
    : connection_(connection),
      runtime_(runtime),
      output_(runtime.blocks()),
      body_timer_([](void* self) { static_cast<Http2Stream*>(self)->onBodyDeadline(); }, this),
      write_timer_([](void* self) { static_cast<Http2Stream*>(self)->onWriteDeadline(); }, this) {}

const Peer& Http2Stream::peer() const { return connection_.peer(); }

void Http2Stream::open(int32_t id, Exchange& exchange) {
    id_ = id;
    exchange_ = &exchange;
}

void Http2Stream::reset() {
    runtime_.loop().disarm(body_timer_);
    runtime_.loop().disarm(write_timer_);
    output_.drop();
    releaseBody();
    exchange_ = nullptr;
    deferred_ = {};
    body_pace_ = {};
    verdict_ = {};
    setTrailers(nullptr, 0);
    body_received_ = drained_ = 0;
    running_ = closed_ = reset_ = body_ended_ = body_wanted_ = body_told_ = false;
    submitted_ = is_deferred_ = last_ = parked_ = waiting_ = ended_ = left_ = finishing_ = bodyless_ = is_error_ =
        false;
}

bool Http2Stream::concludeHead(http::Http2Head& section, bool ends) {
    verdict_ = section.conclude(ends);
    body_ended_ = ends;
    return verdict_.kind != http::Http2Verdict::Kind::Malformed;
}

void Http2Stream::run() {
    running_ = true;
    exchange_->open(*this, runtime_.loop().nowNs());
    if (verdict_.kind == http::Http2Verdict::Kind::Refused)
        exchange_->refuse(verdict_.status, verdict_.reason);
    else
        exchange_->run(head_);
}

// The answer
// ------------------------------------------------------------------------------------------------------

void Http2Stream::sendInterim(unsigned status, const tp_field* fields, size_t count) {
    if (closed_) return;
    const std::string digits = std::to_string(status);
    std::vector<nghttp2_nv>& nv = connection_.fields();
    nv.clear();
    nv.push_back(pair(":status", digits));
    appendFields(nv, fields, count);
    nghttp2_submit_headers(connection_.session(), NGHTTP2_FLAG_NONE, id_, nullptr, nv.data(), nv.size(), nullptr);
    connection_.flushLater();
}

void Http2Stream::sendHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) {
    if (closed_) return;
    bodyless_ = !body || head_.method == TP_METHOD_HEAD;  // a refusal does not know what it refuses
    head_.expect_continue = false;  // an interim answer comes before the answer or not at all
    if (status == 204 || (status == 304 && length == 0)) length = TP_LENGTH_UNKNOWN;
    if (bodyless_) setTrailers(nullptr, 0);
    if (!bodyless_ && (length != 0 || trailer_count_ > 0)) {
        submitHead(status, fields, count, length, true);
        return connection_.flushLater();
    }
    // One frame can be the whole answer, if that is what is sent before the round ends.
    tp_field* kept = copyFields(exchange_->arena(), fields, count);
    if (kept == nullptr && count > 0) return submitHead(status, fields, count, length, true);
    deferred_ = {status, kept, count, length};
    is_deferred_ = true;
    connection_.deferHead(*this);
}

void Http2Stream::submitDeferred() {
    if (!is_deferred_ || closed_ || exchange_ == nullptr) return;
    submitHead(deferred_.status, deferred_.fields, deferred_.count, deferred_.length, true);
}

void Http2Stream::submitHead(unsigned status, const tp_field* fields, size_t count, int64_t length, bool body) {
    submitted_ = true;
    is_deferred_ = false;
    is_error_ = status >= 400;
    char digits[4], length_digits[24];
    *std::to_chars(digits, digits + sizeof digits, status).ptr = '\0';
    std::vector<nghttp2_nv>& nv = connection_.fields();
    nv.clear();
    nv.push_back(pair(":status", {digits, 3}));
    nv.push_back(pair("date", runtime_.date()));
    if (const std::string& server = runtime_.snapshot().server.server_name; !server.empty())
        nv.push_back(pair("server", server));
    appendFields(nv, fields, count);
    if (length != TP_LENGTH_UNKNOWN) {
        const char* end = std::to_chars(length_digits, length_digits + sizeof length_digits, length).ptr;
        nv.push_back(pair("content-length", {length_digits, static_cast<size_t>(end - length_digits)}));
    }
    for (size_t i = 0; head_.takes_trailers && i < trailer_count_; ++i)
        nv.push_back(pair("trailer", text(trailers_[i].name)));
    nghttp2_data_provider provider{{.ptr = this}, offerOf};
    nghttp2_submit_response(connection_.session(), id_, nv.data(), nv.size(), body ? &provider : nullptr);
    connection_.flushLater();
}

void Http2Stream::resume() {
    if (parked_) nghttp2_session_resume_data(connection_.session(), id_);
    parked_ = false;
    connection_.flushLater();
}

/// They live no longer than the call that ends the body.
bool Http2Stream::keepTrailers() {
    if (!head_.takes_trailers || trailer_count_ == 0) {
        setTrailers(nullptr, 0);
        return true;
    }
    const tp_field* kept = copyFields(exchange_->arena(), trailers_, trailer_count_);
    setTrailers(kept, trailer_count_);
    return kept != nullptr;
}

int32_t Http2Stream::sendBody(const tp_str* parts, size_t count, bool last) {
    if (closed_) return TP_GONE;
    if (bodyless_) return TP_SENT;
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) size += parts[i].len;
    if (last && !keepTrailers()) return TP_GONE;
    last_ = last;
    if (size == 0 && last && is_deferred_ && trailer_count_ == 0) return TP_SENT;
    submitDeferred();
    if (char* to = output_.room(size); to != nullptr) {
        for (size_t i = 0; i < count; ++i) {
            if (parts[i].len > 0) std::memcpy(to, parts[i].ptr, parts[i].len);
            to += parts[i].len;
        }
        output_.commit(size);
        resume();
        return TP_SENT;
    }
    for (size_t i = 0; i < count; ++i) output_.borrow({parts[i].ptr, parts[i].len});
    waiting_ = true;
    resume();
    return TP_WAIT;
}

int32_t Http2Stream::sendFile(int fd, uint64_t offset, uint64_t size, bool last) {
    if (size == 0) return sendBody(nullptr, 0, last);
    if (closed_) return TP_GONE;
    if (last && !keepTrailers()) return TP_GONE;
    last_ = last;
    submitDeferred();
    output_.borrowFile(fd, offset, size);
    waiting_ = true;
    resume();
    return TP_WAIT;
}

void Http2Stream::finish() {
    finishing_ = true;
    if (is_deferred_) submitHead(deferred_.status, deferred_.fields, deferred_.count, deferred_.length, false);
    if (!std::exchange(last_, true)) resume();
    if (left_) onLeft();
}

/// The client sees that the answer is not whole: RST_STREAM comes before the frame that would end it.
void Http2Stream::abort() {
    if (!closed_) nghttp2_submit_rst_stream(connection_.session(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_INTERNAL_ERROR);
    connection_.flushLater();
    exchange_ = nullptr;
    connection_.onExchangeEnded(*this);
}

ssize_t Http2Stream::offer(size_t most, uint32_t* flags) {
    if (exchange_ == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const uint64_t pending = output_.pending();
    if (pending == 0 && !last_) {
        parked_ = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (pending > most) return static_cast<ssize_t>(most);
    if (last_) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        if (trailer_count_ > 0 && submitTrailers()) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    }
    return static_cast<ssize_t>(pending);
}

bool Http2Stream::submitTrailers() {
    std::vector<nghttp2_nv>& nv = connection_.fields();
    nv.clear();
    appendFields(nv, trailers_, trailer_count_);
    return nghttp2_submit_trailer(connection_.session(), id_, nv.data(), nv.size()) == 0;
}

void Http2Stream::onLeft() {
    left_ = true;
    if (!finishing_ || exchange_ == nullptr) return;
    runtime_.loop().disarm(write_timer_);
    std::exchange(exchange_, nullptr)->onSent();
    connection_.onExchangeEnded(*this);
}

void Http2Stream::tellWritable() {
    if (!wantsWritable() || exchange_ == nullptr) return;
    waiting_ = false;
    runtime_.loop().disarm(write_timer_);
    exchange_->onWritable();
}

void Http2Stream::loseExchange() {
    Exchange* exchange = std::exchange(exchange_, nullptr);
    if (exchange == nullptr) return;
    runtime_.loop().disarm(body_timer_);
    runtime_.loop().disarm(write_timer_);
    const uint64_t unsent = output_.pending();
    output_.drop();
    if (running_)
        exchange->onGone(nullptr, unsent, connection_.abandoned());
    else
        exchange->discard();
    connection_.onExchangeEnded(*this);
}

void Http2Stream::watchOutput() {
    if (write_timer_.isArmed() || output_.isEmpty()) return;
    write_pace_.begin();
    runtime_.loop().arm(write_timer_, WritePace::firstLookMs(runtime_.limits()));
}

void Http2Stream::onWriteDeadline() {
    if (exchange_ == nullptr || closed_ || ended_) return;
    const config::Limits& limits = runtime_.limits();
    const std::string_view wrong = write_pace_.look(runtime_.loop().nowNs(), output_.sent(), limits);
    if (wrong.empty()) return runtime_.loop().arm(write_timer_, limits.write_ms);
    exchange_->log(TP_LOG_INFO, wrong);
    connection_.refuseStream(id_, NGHTTP2_CANCEL);
}

// The body of the request
// -----------------------------------------------------------------------------------------

bool Http2Stream::takeBody(std::string_view data) {
    body_received_ += data.size();
    const int64_t promised = head_.content_length;
    if (promised >= 0 && body_received_ > static_cast<uint64_t>(promised)) return false;
    if (ended_ && is_error_) {
        drop(data.size());
        return true;
    }
    if (exchange_ == nullptr || ended_) {
        // Nobody will read it. The stream's own window stays shut.
        nghttp2_session_consume_connection(connection_.session(), data.size());
        return true;
    }
    if (!makeBodyRoom(data.size())) return false;
    std::memcpy(body_.get() + body_end_, data.data(), data.size());
    body_end_ += data.size();
    return true;
}

/// A small block as long as it is enough: a client may begin a body on each of its streams. Its window is no
/// larger than a large one.
bool Http2Stream::makeBodyRoom(size_t size) {
    static_assert(static_cast<size_t>(kHttp2StreamWindow) <= Runtime::kLargeBlock);
    const size_t held = body_end_ - body_begin_;
    if (body_ && body_end_ + size <= body_capacity_) return true;
    if (body_ && held + size <= body_capacity_) {
        std::memmove(body_.get(), body_.get() + body_begin_, held);
    } else {
        if (held + size > Runtime::kLargeBlock) return false;
        const bool large = held + size > runtime_.blocks().blockSize();
        auto block = (large ? runtime_.largeBlocks() : runtime_.blocks()).take();
        if (held > 0) std::memcpy(block.get(), body_.get() + body_begin_, held);
        giveBlock();
        body_ = std::move(block);
        body_capacity_ = large ? Runtime::kLargeBlock : runtime_.blocks().blockSize();
    }
    body_begin_ = 0;
    body_end_ = held;
    return true;
}

void Http2Stream::giveBlock() {
    if (!body_) return;
    const bool large = body_capacity_ == Runtime::kLargeBlock;
    (large ? runtime_.largeBlocks() : runtime_.blocks()).give(std::move(body_));
}

void Http2Stream::releaseBody() {
    if (body_end_ > body_begin_)
        nghttp2_session_consume_connection(connection_.session(), body_end_ - body_begin_);
    giveBlock();
    body_begin_ = body_end_ = 0;
}

/// The client may be asked to send no more of it (RFC 9113 section 8.1), but a reset that is read together with
/// the answer makes many lose that answer, or wait for ever. Who is told of an error stops by itself, and else is
/// asked once it has had the answer: more than a window comes from nobody before. For others the reset is what
/// ends their sending: curl 7.88 would wait for ever.
void Http2Stream::drainBody() {
    static_assert(kMostDrained > 2 * static_cast<uint64_t>(kHttp2StreamWindow));
    if (!is_error_) return stopBody();
    runtime_.loop().arm(body_timer_, runtime_.limits().linger_ms);
    drop(body_end_ - body_begin_);
    giveBlock();
    body_begin_ = body_end_ = 0;
}

void Http2Stream::drop(size_t size) {
    const bool is_stopped = drained_ > kMostDrained;
    drained_ += size;
    if (drained_ <= kMostDrained) {
        nghttp2_session_consume(connection_.session(), id_, size);
        return;
    }
    nghttp2_session_consume_connection(connection_.session(), size);
    if (!is_stopped) stopBody();
}

void Http2Stream::stopBody() {
    if (!closed_ && !body_ended_)
        nghttp2_submit_rst_stream(connection_.session(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_NO_ERROR);
    connection_.flushLater();
}

bool Http2Stream::endBody() {
    body_ended_ = true;
    const int64_t promised = head_.content_length;
    return promised < 0 || body_received_ == static_cast<uint64_t>(promised);
}

void Http2Stream::readBody() {
    body_wanted_ = true;
    body_pace_.ask(runtime_.loop().nowNs());
    if (head_.expect_continue && !hasBody()) sendInterim(100, nullptr, 0);
    head_.expect_continue = false;
    if (hasBody()) return connection_.bodyLater(*this);
    runtime_.loop().arm(body_timer_, runtime_.limits().body_gap_ms);
}

void Http2Stream::giveBody() {
    while (body_wanted_ && exchange_ != nullptr && hasBody()) {
        const size_t size = body_end_ - body_begin_;
        const uint64_t now = runtime_.loop().nowNs();
        const config::Limits& limits = runtime_.limits();
        body_wanted_ = false;
        if (!body_ended_ && body_pace_.isTooSlow(now, size, limits))
            return exchange_->onBodyFailed(408, kBodyTooSlow);
        body_pace_.give(now, size);
        runtime_.loop().disarm(body_timer_);
        const char* data = body_.get() + body_begin_;
        body_begin_ += size;  // who asks for more from inside must not mean this
        exchange_->onBody(size > 0 ? std::string_view(data, size) : std::string_view(), body_ended_);
        if (body_begin_ == body_end_) body_begin_ = body_end_ = 0;
        // Room for more only now that the plugin has had this.
        if (size > 0) nghttp2_session_consume(connection_.session(), id_, size);
        connection_.flushLater();
    }
}

void Http2Stream::onBodyDeadline() {
    if (ended_) return stopBody();
    if (!body_wanted_ || exchange_ == nullptr) return;
    body_wanted_ = false;
    exchange_->onBodyFailed(408, kBodyStopped);
}

}  // namespace turnpike::server
