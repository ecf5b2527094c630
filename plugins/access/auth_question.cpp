#include "auth_question.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace turnpike::access {

AuthQuestion::AuthQuestion(const tp_host& host, const AuthSettings& settings, tp_worker* worker,
                           tp_request* request, Answered answered)
    : host_(host), settings_(settings), worker_(worker), request_(request), answered_(std::move(answered)) {}

AuthQuestion::~AuthQuestion() {
    if (timer_ != nullptr) host_.cancel(worker_, timer_);
    if (watch_ != nullptr) host_.unwatch(worker_, watch_);
    if (fd_ >= 0) settings_.io->close(request_, fd_, TP_CLASS_BACKEND);
}

std::string AuthQuestion::failed(const char* what, int64_t error) const {
    return std::string("cannot ") + what + " " + settings_.address + ": " +
           std::strerror(static_cast<int>(-error)) + " (auth)";
}

std::string AuthQuestion::begin(std::string message) {
    message_ = std::move(message);
    int32_t is_done = 0;
    fd_ = settings_.io->connect(request_, str(settings_.address), &is_done);
    if (fd_ < 0) return failed("connect to", fd_);
    is_connected_ = is_done != 0;
    watch_ = host_.watch(
        worker_, fd_, TP_READABLE | TP_WRITABLE,
        [](void* self, uint32_t) { static_cast<AuthQuestion*>(self)->onReady(); }, this);
    if (watch_ == nullptr) return "no memory to wait for the answer of " + settings_.address + " (auth)";
    host_.charge(watch_, request_);
    timer_ = host_.timer(
        worker_, settings_.timeout_ms,
        [](void* arg) {
            auto* self = static_cast<AuthQuestion*>(arg);
            self->timer_ = nullptr;
            self->end("no answer of " + self->settings_.address + " in time (auth_timeout)");
        },
        this);
    // What is connected at once is writable at once, and an edge is not told twice.
    return is_connected_ ? write() : "";
}

void AuthQuestion::onReady() {
    if (!is_connected_) {
        const int32_t result = settings_.io->connected(request_, fd_);
        if (result == -EINPROGRESS || result == -EAGAIN) return;
        if (result < 0) return end(failed("connect to", result));
        is_connected_ = true;
    }
    if (const std::string problem = write(); !problem.empty()) return end(problem);
    bool is_whole = false;
    const std::string problem = read(&is_whole);
    if (is_whole || !problem.empty()) end(problem);
}

std::string AuthQuestion::write() {
    while (written_ < message_.size()) {
        const tp_str part = str(std::string_view(message_).substr(written_));
        const int64_t sent = settings_.io->write(request_, fd_, &part, 1);
        if (sent == -EAGAIN) return "";
        if (sent < 0) return failed("write to", sent);
        written_ += static_cast<size_t>(sent);
    }
    return "";
}

std::string AuthQuestion::read(bool* is_whole) {
    char block[4096];
    for (;;) {
        const int64_t got = settings_.io->read(request_, fd_, block, sizeof block);
        if (got == -EAGAIN) return "";
        if (got < 0) return failed("read the answer of", got);
        if (got == 0) return settings_.address + " closed the connection before it had answered (auth)";
        const auto state = reply_.add({block, static_cast<size_t>(got)});
        if (state == AuthReply::State::Malformed)
            return settings_.address + " answered with something else than HTTP/1.1 (auth)";
        *is_whole = state == AuthReply::State::Whole;
        if (*is_whole) return "";
    }
}

void AuthQuestion::end(const std::string& problem) {
    const Answered answered = std::exchange(answered_, nullptr);
    if (answered) answered(reply_, problem);
}

}  // namespace turnpike::access
