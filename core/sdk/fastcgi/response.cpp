#include "sdk/fastcgi/response.h"

#include "sdk/gateway/interim.h"

namespace turnpike::fastcgi {

using State = gateway::ResponseHead::State;

void Response::reset(BufferPool& buffers) {
    relay_.reset(buffers);
    head_.reset();
    reason_.clear();
    is_started_ = false;
}

bool Response::take(const tp_host& host, tp_request* request, std::string_view data, bool sends_interims) {
    if (!data.empty() && !hasHead() && !takeHead(host, request, data, sends_interims)) return false;
    if (!data.empty()) relay_.add(data);
    return true;
}

/// Leaves in `data` what stands behind the head.
bool Response::takeHead(const tp_host& host, tp_request* request, std::string_view& data, bool sends_interims) {
    State state;
    do {
        size_t consumed = 0;
        state = head_.feed(data, &consumed);
        data.remove_prefix(consumed);
        if (state == State::Interim && !sends_interims) state = head_.refuseInterim();
        // What keeps it from the client, as one that has left, is no fault of the program's.
        if (state == State::Interim) gateway::sendInterim(host, request, head_.status(), head_.fields());
    } while (state == State::Interim && !data.empty());
    if (state == State::Bad) reason_ = head_.reason();
    return state != State::Bad;
}

// The program's own Content-Length wins; the host holds it to it. Otherwise the length is known when the whole
// answer is here before its head left, but not for an answer that has no body: there it would be that of another
// one.
int64_t Response::length(bool is_head_request) const {
    if (head_.length() != TP_LENGTH_UNKNOWN || !relay_.hasEnded()) return head_.length();
    if (is_head_request || head_.status() == 304 || head_.status() == 204) return TP_LENGTH_UNKNOWN;
    return static_cast<int64_t>(relay_.size());
}

Response::Outcome Response::start(const tp_host& host, tp_request* request, bool is_head_request) {
    if (!hasHead()) {
        if (!relay_.hasEnded()) return Outcome::More;
        reason_ = isUntouched() ? "an answer without a head"
                  : isBegun()   ? "an answer that ends inside its head"
                                : "interim heads and no answer";
        return Outcome::Bad;
    }
    if (!head_.localRedirect().empty()) return relay_.hasEnded() ? Outcome::Redirect : Outcome::More;
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
    if (relay_.isWaiting()) return Outcome::Waiting;
    if (!is_started_) {
        Outcome outcome = start(host, request, is_head_request);
        if (!is_started_) {
            const bool is_unseen = !head_.localRedirect().empty() || relay_.size() == 0;  // nobody will see a body
            if (is_unseen) relay_.forget(buffers);
            return outcome;
        }
    }
    switch (relay_.send(host, request, buffers)) {
        case gateway::Relay::Outcome::More:
            return Outcome::More;
        case gateway::Relay::Outcome::Waiting:
            return Outcome::Waiting;
        case gateway::Relay::Outcome::Complete:
            return Outcome::Complete;
        case gateway::Relay::Outcome::Gone:
            break;
    }
    return Outcome::Gone;
}

}  // namespace turnpike::fastcgi
