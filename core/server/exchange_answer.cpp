// The answer and the body of an exchange, and its end.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/clock.h"
#include "server/exchange.h"
#include "server/log.h"
#include "server/runtime.h"
#include "server/server_timing.h"

namespace turnpike::server {

int32_t Exchange::start(unsigned status, const tp_field* fields, size_t count, int64_t length) {
    if (stream_ == nullptr || redirecting_ || aborted_) return -EPIPE;
    if (access_ == Access::Passed) return -EALREADY;
    if (!handover_.empty()) return -EALREADY;
    if (error_status_ != 0) status = error_status_;
    if (isFromScript()) {
        const ScriptAnswer answer = takeScriptFields(status, fields, count);
        if (answer == ScriptAnswer::HandedOver) return 0;
        if (answer == ScriptAnswer::Refused) return -EPIPE;
    }
    applyKeptFields(status);
    if (site_ != nullptr && site_->config->server_timing) timeHead();
    return response_.start(status, fields, count, length);
}

int32_t Exchange::upgrade(std::string_view protocol, const tp_field* fields, size_t count) {
    if (stream_ == nullptr || redirecting_ || aborted_) return -EPIPE;
    if (access_ != Access::Past || body_ != Body::Untouched) return -EALREADY;
    if (view_.upgrade.len == 0) return -ENOTSUP;
    const int32_t result = response_.startTunnel(protocol, fields, count);
    if (result == 0) body_ended_ = false;
    return result;
}

int32_t Exchange::endSending() {
    if (stream_ == nullptr || aborted_ || response_.isComplete()) return -EPIPE;
    if (response_.status() != 101) return -ENOTSUP;
    stream_->endSending();
    return 0;
}

int32_t Exchange::told(Response::Outcome outcome) {
    if (first_sent_ns_ == 0 && isTimed()) first_sent_ns_ = monotonicNs();
    if (outcome == Response::Outcome::Short) {
        fail(502, "the answer's body is shorter than its declared length");
        return TP_GONE;
    }
    waiting_ = outcome == Response::Outcome::Wait || outcome == Response::Outcome::Later;
    if (outcome == Response::Outcome::Later) resumeNextRound();
    if (response_.isComplete()) settleLater();
    if (outcome == Response::Outcome::Gone) return TP_GONE;
    return waiting_ ? TP_WAIT : TP_SENT;
}

int32_t Exchange::send(const tp_str* parts, size_t count, bool last) {
    if (!handover_.empty()) return swallow(last);
    if (!response_.isStarted() || response_.isComplete() || waiting_ || aborted_) return TP_GONE;
    return told(response_.send(parts, count, last));
}

int32_t Exchange::sendFile(int fd, uint64_t offset, uint64_t size, bool last, bool give_fd) {
    const bool is_handed_over = !handover_.empty();
    if (is_handed_over || !response_.isStarted() || response_.isComplete() || waiting_ || aborted_) {
        if (give_fd) os::close(fd, os::Class::File);
        return is_handed_over ? swallow(last) : TP_GONE;
    }
    return told(response_.sendFile(fd, offset, size, last, give_fd));
}

int64_t Exchange::splice(int fd, uint64_t most, int32_t* sent) {
    if (!handover_.empty() || !response_.isStarted() || response_.isComplete() || aborted_) return -ENOTSUP;
    if (waiting_) return -EALREADY;
    if (most == 0) return -EINVAL;
    Response::Outcome outcome = Response::Outcome::Sent;
    const int64_t got = response_.splice(runtime_.pipes(), fd, most, &outcome);
    if (got > 0) *sent = told(outcome);
    return got;
}

void Exchange::fail(unsigned status, std::string_view cause) {
    if (gone_ || aborted_ || response_.isComplete()) return;
    log(status >= 500 ? TP_LOG_ERROR : TP_LOG_INFO, cause);
    handover_.clear();
    access_ = Access::Past;  // a refusal takes back what proceed() said
    if (!response_.isStarted() && !redirecting_) return answerStatus(status);
    aborted_ = true;
    response_.detach();
    settleLater();
}

/// Others have their turn before the filters see the next block.
void Exchange::resumeNextRound() {
    paused_ = true;
    runtime_.loop().nextRound(
        [](void* exchange) {
            auto& self = *static_cast<Exchange*>(exchange);
            // Not for whoever has this place by then, unless that one waits for the same.
            if (std::exchange(self.paused_, false) && !self.aborted_ && !self.gone_) self.onWritable();
        },
        this);
}

void Exchange::onWritable() {
    Hook hook(*this);
    waiting_ = false;
    Response::Outcome outcome = response_.resume();
    if (outcome != Response::Outcome::Sent) {
        told(outcome);
        return;
    }
    if (!response_.isComplete() && owner_ != nullptr && owner_->table->on_writable != nullptr)
        owner_->table->on_writable(owner_->worker, this);
}

void Exchange::readBody() {
    if (isBodyOutOfReach()) return;
    if (body_ == Body::Dropped) return askDropped(Body::Reading);
    if (body_ == Body::Spooling || stream_ == nullptr) return;
    body_ = Body::Reading;
    stream_->readBody();
}

void Exchange::spoolBody() {
    if (isBodyOutOfReach()) return;
    if (body_ == Body::Dropped) return askDropped(Body::Spooling);
    if (body_ != Body::Untouched || stream_ == nullptr) return;
    body_ = Body::Spooling;
    stream_->readBody();
}

void Exchange::onBody(std::string_view data, bool last) {
    Hook hook(*this);
    if (body_ == Body::Dropped) return;
    body_received_ += data.size();
    body_ended_ = body_ended_ || last;
    const bool is_tunnel = response_.status() == 101;
    if (!is_tunnel && site_ != nullptr && body_received_ > site_->config->body_limit)
        return onBodyFailed(413, "the body is above the site's body_limit");
    if (body_ == Body::Spooling) {
        std::string cause;
        if (stream_ == nullptr) return;
        unsigned status = spool_.append(data, network_, runtime_.spoolQuota(), &cause);
        if (status != 0) return onBodyFailed(status, cause);
        if (last) return deliverSpool();
        return stream_->readBody();
    }
    if (owner_ == nullptr || owner_->table->on_body == nullptr || response_.isComplete()) return;
    owner_->table->on_body(owner_->worker, this, {data.data(), data.size()}, last ? TP_LAST : 0);
}

void Exchange::deliverSpool() {
    body_ = Body::Spooled;
    spooled_ = {sizeof spooled_, spool_.fd(), spool_.size(), {spool_.memory().data(), spool_.memory().size()}};
    if (owner_ != nullptr && owner_->table->on_spooled != nullptr)
        owner_->table->on_spooled(owner_->worker, this, &spooled_);
}

/// The request has become a GET: who takes it over sees no body, however much of it has come.
void Exchange::dropBody() {
    body_ = Body::Dropped;
    spool_.reset();
    view_.body_length = 0;
    body_ended_ = true;
}

/// What is asked for comes later, as from a client.
void Exchange::askDropped(Body as) {
    asked_ = as;
    settleLater();
}

void Exchange::deliverNothing() {
    Hook hook(*this);
    if (std::exchange(asked_, Body::Untouched) == Body::Spooling) {
        deliverSpool();
        body_ = Body::Dropped;
    } else if (owner_ != nullptr && owner_->table->on_body != nullptr) {
        owner_->table->on_body(owner_->worker, this, {"", 0}, TP_LAST);
    }
}

void Exchange::onBodyFailed(unsigned status, std::string_view cause) {
    Hook hook(*this);
    if (stream_ != nullptr) stream_->closeAfter();
    fail(status, cause);
}

void Exchange::onSent() {
    sent_ = true;
    end();
}

void Exchange::keepAddresses() {
    addresses_.assign(view_.remote_address.ptr, view_.remote_address.len);
    addresses_.append(view_.local_address.ptr, view_.local_address.len);
    view_.remote_address.ptr = addresses_.data();
    view_.local_address.ptr = addresses_.data() + view_.remote_address.len;
}

void Exchange::onGone(std::unique_ptr<char[]> block, uint64_t unsent, Abandoned* abandoned) {
    if (on_pool_ && abandoned != nullptr) (abandoned_ = abandoned)->enter();
    response_.takeBack(unsent);
    kept_ = std::move(block);
    if (!on_pool_) keepAddresses();
    stream_ = nullptr;
    response_.detach();
    gone_ = true;
    settleLater();  // it may be a plugin's own send() that found out
}

/// Decides what happens next once no hook is under way.
void Exchange::settle() {
    if (!open_ || hooks_ > 0 || on_pool_) return;
    if (gone_) return end();  // also while the answer was on its way out
    if (finishing_) return;
    TP_ASSERT(stream_ != nullptr);  // only a client that is gone takes it away
    ledger::Scope charge(account_);
    if (aborted_) {
        stream_->abort();
        return end();
    }
    if (redirecting_) return runRedirect();
    if (access_ == Access::Passed) return runPassed();
    if (asked_ != Body::Untouched && !response_.isComplete()) return deliverNothing();
    if (!response_.isComplete() || waiting_) return;
    finishing_ = true;
    stream_->finish();  // may end this exchange before it returns
}

/// From outside any hook (a watch, a timer): the plugin's function returns before its request ends.
void Exchange::settleLater() {
    if (hooks_ > 0 || settle_queued_) return;
    settle_queued_ = true;
    runtime_.loop().later(
        [](void* exchange) {
            auto& self = *static_cast<Exchange*>(exchange);
            self.settle_queued_ = false;
            self.settle();
        },
        this);
}

void Exchange::discard() {
    runtime_.close(*this);
    account_ = {};
    arena_.reset();
    runtime_.give(*this);
}

void Exchange::end() {
    bool aborted = !sent_;
    if (response_.excess() > 0)
        log(TP_LOG_WARN, "the answer's body was cut at its declared length: " +
                             std::to_string(response_.excess()) + " bytes more came");
    const PluginSlot* last_owner = ledger::isOn() ? owner_ : nullptr;
    {
        ledger::Scope charge(account_);
        ++hooks_;  // what on_done() calls must not end it again
        releaseOwner(aborted);
        endStates();
        response_.closeFile();
        spool_.reset();
        --hooks_;
    }
    open_ = false;
    if (isBackground()) response_.takeBack(response_.bytesSent());  // it went to nobody
    countStatus();
    if (tp_log_record line;
        last_owner != nullptr || isCounted() || isObserved() || runtime_.accessLog(site_).isOn()) {
        const uint64_t now = monotonicNs();
        record(line, now);
        if (last_owner != nullptr) runtime_.pluginSlots().add(last_owner->number, now - owned_ns_);
        if (isCounted()) runtime_.siteSlots().add(site_->index, line);
        writeLogs(line);
    }
    runtime_.close(*this);
    reset();
    runtime_.give(*this);
}

void Exchange::reset() {
    if (abandoned_ != nullptr) std::exchange(abandoned_, nullptr)->leave();
    response_.reset();
    arena_.reset();
    account_ = {};
    kept_.reset();
    stream_ = nullptr;
    site_ = nullptr;
    answered_by_ = "";
    redirects_ = 0;
    route_ = nullptr;
    handover_.clear();
    kept_fields_.clear();
    redirect_internal_ = internal_ = false;
    error_status_ = 0;
    variables_.clear();
    error_pages_.clear();
    sent_fields_ = {};
    access_ = Access::Past;
    redirecting_ = waiting_ = aborted_ = gone_ = finishing_ = sent_ = body_ended_ = false;
    body_ = asked_ = Body::Untouched;
    body_received_ = 0;
    routed_ns_ = first_sent_ns_ = 0;
    std::fill(std::begin(phases_), std::end(phases_), 0);
}

void Exchange::countStatus() {
    ledger::Counters& c = runtime_.counters();
    --c.requests_active;
    ++c.requests;
    if (isBackground()) ++c.background;
    if (!sent_) ++c.aborted;
    c.bytes_received += body_received_;
    c.bytes_sent += response_.bytesSent();
    c.bytes_spliced += response_.bytesSpliced();
    switch (response_.status() / 100) {
        case 2:
            ++c.status_2xx;
            break;
        case 3:
            ++c.status_3xx;
            break;
        case 4:
            ++c.status_4xx;
            break;
        case 5:
            ++c.status_5xx;
            break;
        default:
            break;
    }
}

void Exchange::record(tp_log_record& to, uint64_t now_ns) const {
    auto since = [this](uint64_t ns) {
        return ns == 0 ? int64_t{-1} : static_cast<int64_t>((ns - view_.received_ns) / 1000);
    };
    to = {};
    to.struct_size = sizeof to;
    to.status = response_.status();
    to.bytes_sent = response_.bytesSent();
    to.bytes_received = body_received_;
    to.total_us = since(now_ns);
    to.routed_us = since(routed_ns_);
    to.first_sent_us = since(first_sent_ns_);
    for (size_t i = 0; i < TP_PHASE_COUNT; ++i) to.phase_us[i] = since(phases_[i]);
    to.aborted = sent_ ? 0 : 1;
    to.event_milli = static_cast<uint32_t>(account_.event_milli);
    to.plugin = answered_by_;
    std::copy(std::begin(account_.of), std::end(account_.of), std::begin(to.crossings));
}

/// The Server-Timing field, as far as the request has come.
void Exchange::timeHead() {
    tp_log_record so_far;
    record(so_far, monotonicNs());
    const std::string value = serverTiming(so_far);
    const std::string_view text = value;
    response_.change("server-timing", &text, true);
}

bool Exchange::isObserved() const { return site_ != nullptr && !site_->observers.empty(); }

bool Exchange::isTimed() const {
    return ledger::isOn() && (runtime_.accessLog(site_).hasPhases() || isObserved() ||
                              (site_ != nullptr && site_->config->server_timing));
}

/// A site's figures are those of its visitors. Without the ledger no clock is read for it either.
bool Exchange::isCounted() const {
    return site_ != nullptr && !isBackground() && runtime_.siteSlots().count() > 0 && ledger::isOn();
}

void Exchange::writeLogs(const tp_log_record& line) {
    if (AccessLog& access_log = runtime_.accessLog(site_); access_log.isOn()) {
        access_log.write(view_, line);
        runtime_.flushLogsSoon();
    }
    if (!isObserved()) return;
    for (const PluginSlot& slot : site_->observers) slot.table->on_log(slot.worker, this, &line);
}

void Exchange::log(int32_t level, std::string_view message) const { runtime_.log(level, message, &view_); }

}  // namespace turnpike::server
