#include "request.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace turnpike::php {

using Kind = InputEvent::Kind;

void logLine(std::string_view prefix, std::string_view message) {
    static constexpr char kEnd = '\n';
    auto part = [](std::string_view text) { return iovec{const_cast<char*>(text.data()), text.size()}; };
    const iovec parts[] = {part(prefix), part(message), part({&kEnd, 1})};
    if (writev(STDERR_FILENO, parts, 3) < 0) return;  // there is nowhere to say so
}

bool Request::receive() {
    for (;;) {
        if (stream_ == nullptr) {
            rest(State::Waiting);
            stream_ = acceptor_.accept();
            if (stream_ == nullptr) return false;
        }
        rest(State::Idle);
        if (stream_->begin() && hear()) {
            begin();
            return true;
        }
        if (!input_.cause().empty()) logLine("turnpike-php: the worker sent ", input_.cause());
        closeStream();
    }
}

/// All up to its body.
bool Request::hear() {
    slot_.enter(State::Busy, monotonicMs());
    input_.restart();
    from_ = to_ = 0;
    for (;;) {
        Kind kind = nextEvent().kind;
        if (kind == Kind::Request) return true;
        if (kind == Kind::Bad) return false;
        // Aborted before its parameters were complete: nothing would be heard of an answer.
        if (kind == Kind::Abort) return false;
        if (kind == Kind::NeedMore && !fill()) return false;
    }
}

void Request::begin() {
    output_.begin(*stream_, input_.id());
    body_ = {};
    aborted_ = body_broken_ = answered_ = false;
    scanned_ = 0;
    noteWork();
}

void Request::noteWork() {
    auto text = [this](std::string_view name) -> std::string_view {
        const char* value = param(name);
        return value == nullptr ? std::string_view() : value;
    };
    Work& work = slot_.work;
    setText(work.method, text("REQUEST_METHOD"));
    setText(work.uri, text("REQUEST_URI"));
    setText(work.name, text("SCRIPT_NAME"));
    setText(work.query, text("QUERY_STRING"));
    setText(work.user, text("REMOTE_USER"));
    setText(work.script, text("SCRIPT_FILENAME"));
    const char* length = param("CONTENT_LENGTH");
    work.length = length == nullptr ? 0 : atoll(length);
}

void Request::rest(State how) {
    const uint64_t now = monotonicMs();
    if (slot_.state.load(std::memory_order_relaxed) == State::Busy)
        slot_.took_ms.store(now - slot_.since_ms.load(std::memory_order_relaxed), std::memory_order_relaxed);
    slot_.enter(how, now);
}

InputEvent Request::nextEvent() {
    std::string_view rest = pending();
    InputEvent event = input_.next(rest);
    from_ = to_ - rest.size();
    return event;
}

bool Request::fill() {
    if (from_ > 0) {
        std::memmove(buffer_, buffer_ + from_, to_ - from_);
        to_ -= from_;
        from_ = 0;
    }
    size_t got = to_ == kInputSize ? 0 : stream_->read(buffer_ + to_, kInputSize - to_);
    to_ += got;
    return got > 0;
}

size_t Request::readBody(char* to, size_t size) {
    size_t done = 0;
    while (done < size && stream_ != nullptr && !input_.bodyEnded() && !aborted_ && !body_broken_) {
        if (!body_.empty()) {
            size_t take = std::min(body_.size(), size - done);
            std::memcpy(to + done, body_.data(), take);
            body_.remove_prefix(take);
            done += take;
            continue;
        }
        InputEvent event = nextEvent();
        if (event.kind == Kind::Body) body_ = event.data;
        if (event.kind == Kind::Abort) aborted_ = true;
        if (event.kind == Kind::Bad) body_broken_ = true;
        if (event.kind == Kind::NeedMore && !fill()) aborted_ = true;
    }
    return done;
}

bool Request::put(std::string_view data) {
    size_t before = output_.sends();
    return output_.put(data) && (output_.sends() == before || !isAborted());
}

bool Request::isAborted() {
    if (stream_ == nullptr || aborted_) return aborted_;
    // The body may be longer than the buffer: then a script that does not read it hears of no abort.
    if (to_ < kInputSize && stream_->hasInput() && body_.empty() && !fill()) return aborted_ = true;
    if (to_ - from_ == scanned_) return false;
    scanned_ = to_ - from_;
    return aborted_ = input_.announcesAbort(pending());
}

void Request::log(std::string_view prefix, std::string_view message) {
    while (message.ends_with('\n')) message.remove_suffix(1);
    if (!output_.log(prefix, message)) logLine(prefix, message);
}

void Request::end(uint32_t app_status) {
    if (answered_) return;
    answered_ = true;
    if (stream_ == nullptr) return;
    bool keep = input_.keepsConnection() && !last_ && !body_broken_ && !stop_.isSet();
    if (!keep) stream_->closing();
    stream_->ending();
    if (!output_.end(app_status)) keep = false;
    body_ = {};
    if (!keep) closeStream();
}

bool Request::endEarly(uint32_t app_status) {
    if (answered_ || stream_ == nullptr || !output_.isOpen()) return false;
    answered_ = true;
    stream_->closing();
    stream_->ending();
    output_.end(app_status);
    closeStream();
    return true;
}

void Request::closeStream() {
    output_.drop();
    body_ = {};
    stream_.reset();
}

}  // namespace turnpike::php
