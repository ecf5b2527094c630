#include "measure/load/connection.h"

#include <cstring>

namespace turnpike::measure {

Connection::State Connection::fail(std::string why) {
    failure_ = std::move(why);
    waiting_ = false;
    return State::Failed;
}

Connection::State Connection::fail(const std::string& what, int64_t error) {
    const std::string_view fault = transport_ ? transport_->fault() : std::string_view();
    return fail(what + ": " + (fault.empty() ? std::strerror(static_cast<int>(-error)) : std::string(fault)));
}

void Connection::close() {
    transport_.reset();  // which also takes its socket out of the poller
    watched_ = 0;
    waiting_ = false;
}

bool Connection::connect() {
    int error = 0;
    transport_ = dialer_.dial(&error);
    if (!transport_) fail("cannot connect to " + dialer_.text(), error);
    is_new_ = true;
    return isOpen();
}

Connection::State Connection::ask(std::string_view request) {
    if (!isOpen() && !connect()) return State::Failed;
    unsent_ = request;
    answer_.reset();
    received_ = 0;
    waiting_ = true;
    return send();
}

Connection::State Connection::shakeHands() {
    const int64_t waits = transport_->advance();
    if (waits == -EAGAIN) return watch(os::kReadable | os::kWritable);
    return waits < 0 ? fail("no TLS connection to " + dialer_.text(), waits) : send();
}

/// Tried at once, since on loopback a connect is done when it returns.
Connection::State Connection::send() {
    if (!transport_->isReady()) return shakeHands();
    while (!unsent_.empty()) {
        const iovec part{const_cast<char*>(unsent_.data()), unsent_.size()};
        const int64_t sent = transport_->send(&part, 1, false);
        if (sent == -EAGAIN) return watch(os::kReadable | os::kWritable);
        if (sent < 0) return fail(is_new_ ? "cannot connect to " + dialer_.text() : "cannot send", sent);
        unsent_.remove_prefix(static_cast<size_t>(sent));
        is_new_ = false;
    }
    return watch(os::kReadable);
}

/// After the first send, so that a connection that is writable anyway does not wake the generator for it.
Connection::State Connection::watch(uint32_t what) {
    if ((watched_ & what) == what) return State::Waiting;
    const int fd = transport_->fd();
    int error = watched_ == 0 ? poller_.add(fd, what, who_) : poller_.tellAgain(fd, what, who_);
    if (error < 0) return fail("epoll_ctl", error);
    watched_ = what;
    return State::Waiting;
}

Connection::State Connection::onEvent(uint32_t what, std::span<char> buffer) {
    if (!isOpen()) return State::Idle;
    if (!unsent_.empty() && send() == State::Failed) return State::Failed;
    if ((what & (os::kReadable | os::kHangup)) == 0) return waiting_ ? State::Waiting : State::Idle;
    return receive((what & os::kHangup) != 0, buffer);
}

/// Edge-triggered: what comes later is told again, but an end that was told with the data is not.
bool Connection::mayHaveMore(int64_t got, std::span<char> buffer) const {
    return static_cast<size_t>(got) == buffer.size() || transport_->hasEnded();
}

Connection::State Connection::receive(bool to_the_end, std::span<char> buffer) {
    for (;;) {
        const int64_t size = transport_->receive(buffer.data(), buffer.size());
        if (size == -EAGAIN) return waiting_ ? State::Waiting : State::Idle;
        if (size <= 0) return onClosed(size);
        State state = take({buffer.data(), static_cast<size_t>(size)});
        if (state == State::Complete && (to_the_end || transport_->hasEnded())) close();  // it has no next answer
        if (state != State::Waiting || (!to_the_end && !mayHaveMore(size, buffer))) return state;
    }
}

Connection::State Connection::take(std::string_view data) {
    if (!waiting_) return fail("bytes that nobody asked for");
    received_ += data.size();
    size_t consumed = 0;
    ResponseReader::State state = answer_.feed(data, &consumed);
    if (state == ResponseReader::State::Bad) return fail(answer_.reason());
    if (state == ResponseReader::State::More) return State::Waiting;
    if (consumed < data.size()) return fail("bytes after the answer");
    waiting_ = false;
    return State::Complete;
}

Connection::State Connection::onClosed(int64_t result) {
    if (waiting_ && result < 0) return fail("cannot read", result);
    const bool waited = waiting_;
    close();
    if (!waited) return State::Idle;
    if (answer_.close() == ResponseReader::State::Bad) return fail(answer_.reason());
    return State::Complete;
}

}  // namespace turnpike::measure
