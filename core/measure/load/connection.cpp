#include "measure/load/connection.h"

#include <cstring>

namespace turnpike::measure {

using os::Class;

Connection::State Connection::fail(std::string why) {
    failure_ = std::move(why);
    waiting_ = false;
    return State::Failed;
}

Connection::State Connection::fail(const std::string& what, int64_t error) {
    return fail(what + ": " + std::strerror(static_cast<int>(-error)));
}

void Connection::close() {
    fd_.reset();  // which also takes it out of the poller
    watched_ = 0;
    waiting_ = false;
}

bool Connection::connect() {
    bool done = false;
    int fd = os::connect(address_, Class::Client, &done);
    if (fd < 0) {
        fail("cannot connect to " + address_.text(), fd);
        return false;
    }
    fd_ = os::Fd(fd, Class::Client);
    is_new_ = true;
    return true;
}

Connection::State Connection::ask(std::string_view request) {
    if (!fd_ && !connect()) return State::Failed;
    unsent_ = request;
    answer_.reset();
    received_ = 0;
    waiting_ = true;
    return send();
}

/// On loopback a connect is done when it returns, though it says that it goes on: so sending is tried at once.
Connection::State Connection::send() {
    while (!unsent_.empty()) {
        int64_t sent = os::send(fd_.get(), unsent_.data(), unsent_.size(), false, Class::Client);
        if (sent == -EAGAIN) return watch(os::kReadable | os::kWritable);
        if (sent < 0) return fail(is_new_ ? "cannot connect to " + address_.text() : "cannot send", sent);
        unsent_.remove_prefix(static_cast<size_t>(sent));
        is_new_ = false;
    }
    return watch(os::kReadable);
}

/// After the first send, so that a connection that is writable anyway does not wake the generator for it.
Connection::State Connection::watch(uint32_t what) {
    if ((watched_ & what) == what) return State::Waiting;
    int error = watched_ == 0 ? poller_.add(fd_.get(), what, who_) : poller_.tellAgain(fd_.get(), what, who_);
    if (error < 0) return fail("epoll_ctl", error);
    watched_ = what;
    return State::Waiting;
}

Connection::State Connection::onEvent(uint32_t what, std::span<char> buffer) {
    if (!fd_) return State::Idle;
    if (!unsent_.empty() && send() == State::Failed) return State::Failed;
    if ((what & (os::kReadable | os::kHangup)) == 0) return waiting_ ? State::Waiting : State::Idle;
    return receive((what & os::kHangup) != 0, buffer);
}

Connection::State Connection::receive(bool to_the_end, std::span<char> buffer) {
    for (;;) {
        int64_t size = os::recv(fd_.get(), buffer.data(), buffer.size(), Class::Client);
        if (size == -EAGAIN) return waiting_ ? State::Waiting : State::Idle;
        if (size <= 0) return onClosed(size);
        State state = take({buffer.data(), static_cast<size_t>(size)});
        if (state == State::Complete && to_the_end) close();  // nobody will answer on it again
        if (state != State::Waiting) return state;
        // Edge-triggered: what comes later is told again, but an end that was told with the data is not.
        if (static_cast<size_t>(size) < buffer.size() && !to_the_end) return state;
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
    bool waited = waiting_;
    close();
    if (!waited) return State::Idle;
    if (result < 0) return fail("cannot read", result);
    if (answer_.close() == ResponseReader::State::Bad) return fail(answer_.reason());
    return State::Complete;
}

}  // namespace turnpike::measure
