#include "sdk/fastcgi/response.h"

#include <cstring>

namespace turnpike::fastcgi {

using State = gateway::ResponseHead::State;

void Response::releaseAll(BufferPool& buffers) {
    for (auto& buffer : held_) buffers.give(std::move(buffer));
    held_.clear();
}

void Response::reset(BufferPool& buffers) {
    releaseAll(buffers);
    parts_.clear();
    in_flight_.clear();
    head_.reset();
    reason_.clear();
    is_started_ = has_ended_ = last_sent_ = is_waiting_ = false;
}

Buffer& Response::room(BufferPool& buffers) {
    if (held_.empty() || held_.back()->room() < kLeastRoom) held_.push_back(buffers.take());
    return *held_.back();
}

bool Response::take(std::string_view data) {
    if (head_.state() == State::More) {
        size_t consumed = 0;
        if (head_.feed(data, &consumed) == State::Bad) {
            reason_ = head_.reason();
            return false;
        }
        data.remove_prefix(consumed);
    }
    if (!data.empty()) addPart(data);
    return true;
}

// Nothing that is still needed lies between the last part and `data`: that was a record's header.
void Response::addPart(std::string_view data) {
    if (!parts_.empty() && data.size() <= kSmallPiece) {
        tp_str& last = parts_.back();
        const char* end = last.ptr + last.len;
        if (end >= held_.back()->data && end <= data.data()) {
            std::memmove(held_.back()->data + (end - held_.back()->data), data.data(), data.size());
            last.len += data.size();
            return;
        }
    }
    parts_.push_back(str(data));
}

// The program's own Content-Length wins; the host holds it to it. Otherwise the length is known when the whole
// answer is here before its head left, but not for an answer that has no body: there it would be that of another
// one.
int64_t Response::length(bool is_head_request) const {
    if (head_.length() != TP_LENGTH_UNKNOWN || !has_ended_) return head_.length();
    if (is_head_request || head_.status() == 304 || head_.status() == 204) return TP_LENGTH_UNKNOWN;
    size_t total = 0;
    for (const tp_str& part : parts_) total += part.len;
    return static_cast<int64_t>(total);
}

Response::Outcome Response::start(const tp_host& host, tp_request* request, bool is_head_request) {
    if (head_.state() == State::More) {
        if (!has_ended_) return Outcome::More;
        reason_ = head_.size() == 0 ? "an answer without a head" : "an answer that ends inside its head";
        return Outcome::Bad;
    }
    if (!head_.localRedirect().empty()) return has_ended_ ? Outcome::Redirect : Outcome::More;
    const auto& fields = head_.fields();
    if (host.start(request, head_.status(), fields.data(), fields.size(), length(is_head_request)) < 0) {
        reason_ = "a response field that cannot be sent";
        return Outcome::Bad;
    }
    is_started_ = true;
    return Outcome::More;
}

Response::Outcome Response::deliver(const tp_host& host, tp_request* request, bool is_head_request,
                                    BufferPool& buffers) {
    if (is_waiting_) return Outcome::Waiting;
    if (last_sent_) return Outcome::Complete;
    if (!is_started_) {
        Outcome outcome = start(host, request, is_head_request);
        if (!is_started_) {
            if (!head_.localRedirect().empty()) parts_.clear();  // a body that nobody will see
            if (parts_.empty()) releaseAll(buffers);
            return outcome;
        }
    }
    if (parts_.empty() && !has_ended_) {
        releaseAll(buffers);  // it held nothing but what went to the error log
        return Outcome::More;
    }
    last_sent_ = has_ended_;
    int32_t result = host.send(request, parts_.data(), parts_.size(), has_ended_ ? TP_LAST : 0);
    if (result == TP_GONE) return Outcome::Gone;
    if (result == TP_WAIT) {
        is_waiting_ = true;
        in_flight_.swap(parts_);
        return Outcome::Waiting;
    }
    parts_.clear();
    releaseAll(buffers);
    return last_sent_ ? Outcome::Complete : Outcome::More;
}

void Response::taken(BufferPool& buffers) {
    is_waiting_ = false;
    in_flight_.clear();
    if (parts_.empty()) releaseAll(buffers);
}

}  // namespace turnpike::fastcgi
