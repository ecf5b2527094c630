#include "handles.h"

#include <cerrno>

namespace turnpike::cgi {

int makePipe(const Services& services, tp_request* payer, uint32_t ours, Pipe& pipe) {
    int32_t fds[2];
    int error = services.io.pipe(payer, fds, ours);
    if (error < 0) return error;
    pipe = {PipeEnd(services.io, payer, fds[0]), PipeEnd(services.io, payer, fds[1])};
    return 0;
}

void WatchedPipe::open(PipeEnd end) {
    fd_ = end.release();
    is_dry_ = has_hung_up_ = false;
}

bool WatchedPipe::watch(uint32_t events, tp_request* payer, Ready ready, void* arg) {
    if (!isOpen() || watch_ != nullptr) return true;
    watch_ = services_.host.watch(services_.worker, fd_, events, ready, arg);
    if (watch_ != nullptr) services_.host.charge(watch_, payer);
    return watch_ != nullptr;
}

void WatchedPipe::unwatch() {
    if (watch_ != nullptr) services_.host.unwatch(services_.worker, std::exchange(watch_, nullptr));
}

void WatchedPipe::close(tp_request* payer) {
    if (!isOpen()) return;
    unwatch();
    services_.io.close(payer, std::exchange(fd_, -1), TP_CLASS_BACKEND);
}

void WatchedPipe::orphan() {
    if (watch_ != nullptr) services_.host.charge(watch_, nullptr);
}

void WatchedPipe::note(uint32_t events) {
    if ((events & TP_HANGUP) != 0) has_hung_up_ = true;
    is_dry_ = (events & TP_READABLE) == 0;
}

int64_t WatchedPipe::read(tp_request* payer, char* to, size_t size) {
    if (is_dry_) return has_hung_up_ ? 0 : -EAGAIN;
    int64_t got = services_.io.read(payer, fd_, to, size);
    if (got == -EINTR) return read(payer, to, size);
    is_dry_ = got < static_cast<int64_t>(size);
    return got;
}

int64_t WatchedPipe::pass(gateway::Passage& passage, tp_request* request, uint64_t most, int32_t* sent) {
    if (is_dry_) return has_hung_up_ ? 0 : -EAGAIN;
    return passage.move(services_.host, request, fd_, most, sent);
}

int64_t WatchedPipe::write(tp_request* payer, tp_str data) { return services_.io.write(payer, fd_, &data, 1); }

void Timer::arm(uint64_t milliseconds, Fired fired, void* arg) {
    cancel();
    fired_ = fired;
    arg_ = arg;
    auto fire = [](void* self) {
        auto& timer = *static_cast<Timer*>(self);
        timer.timer_ = nullptr;
        timer.fired_(timer.arg_);
    };
    timer_ = services_.host.timer(services_.worker, milliseconds, fire, this);
}

void Timer::cancel() {
    if (timer_ != nullptr) services_.host.cancel(services_.worker, timer_);
    timer_ = nullptr;
}

}  // namespace turnpike::cgi
