#include "sdk/gateway/relay.h"

#include <cstring>

namespace turnpike::gateway {

void Relay::releaseAll(BufferPool& buffers) {
    for (auto& buffer : held_) buffers.give(std::move(buffer));
    held_.clear();
}

void Relay::reset(BufferPool& buffers) {
    releaseAll(buffers);
    parts_.clear();
    in_flight_.clear();
    has_ended_ = last_sent_ = is_waiting_ = false;
}

void Relay::forget(BufferPool& buffers) {
    parts_.clear();
    if (!is_waiting_) releaseAll(buffers);
}

Buffer& Relay::room(BufferPool& buffers) {
    if (held_.empty() || held_.back()->room() < kLeastRoom) held_.push_back(buffers.take());
    return *held_.back();
}

// Nothing that is still needed lies between the last part and `data`: that was a record's or a chunk's header.
void Relay::add(std::string_view data) {
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

size_t Relay::size() const {
    size_t total = 0;
    for (const tp_str& part : parts_) total += part.len;
    return total;
}

Relay::Outcome Relay::send(const tp_host& host, tp_request* request, BufferPool& buffers) {
    if (is_waiting_) return Outcome::Waiting;
    if (last_sent_) return Outcome::Complete;
    if (parts_.empty() && !has_ended_) {
        releaseAll(buffers);  // it held nothing that the client gets
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

void Relay::taken(BufferPool& buffers) {
    is_waiting_ = false;
    in_flight_.clear();
    if (parts_.empty()) releaseAll(buffers);
}

}  // namespace turnpike::gateway
