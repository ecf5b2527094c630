#include "probe.h"

#include <cerrno>

#include "pool.h"

namespace turnpike::proxy {
namespace {

std::string question(const Settings& settings, const std::string& authority) {
    const std::string& host = settings.host.empty() ? authority : settings.host;
    return "GET " + settings.health_path + " HTTP/1.1\r\nhost: " + host +
           "\r\nuser-agent: turnpike-health\r\nconnection: close\r\n\r\n";
}

}  // namespace

Probe::Probe(Pool& pool, size_t target)
    : pool_(pool), target_(pool.target(target)), question_(question(pool.settings(), target_.authority())) {
    timer_ = pool_.services().host->timer(pool_.worker(), 1, ticked, this);
}

Probe::~Probe() {
    if (timer_ != nullptr) pool_.services().host->cancel(pool_.worker(), timer_);
    close();
}

void Probe::close() {
    if (watch_ != nullptr) pool_.services().host->unwatch(pool_.worker(), watch_);
    watch_ = nullptr;
    if (fd_ >= 0) pool_.services().io->close(nullptr, fd_, TP_CLASS_BACKEND);
    fd_ = -1;
    if (buffer_) pool_.buffers().give(std::move(buffer_));
    buffer_.reset();
}

void Probe::ticked(void* self) {
    auto* probe = static_cast<Probe*>(self);
    Pool::Entry entry(probe->pool_);
    probe->timer_ = nullptr;
    if (probe->fd_ >= 0) probe->finish(false, "no answer within health_interval");
    probe->timer_ = probe->pool_.services().host->timer(probe->pool_.worker(), probe->pool_.settings().health_ms,
                                                        ticked, probe);
    probe->ask();
}

void Probe::ask() {
    int32_t done = 0;
    fd_ = target_.dial(&done);
    if (fd_ < 0 && gateway::isShortage(-fd_)) return;  // it says nothing about the target
    if (fd_ < 0) return finish(false, "it cannot be connected to: " + gateway::errorText(-fd_));
    head_.reset();
    buffer_ = pool_.buffers().take();
    sent_ = 0;
    is_connected_ = done == 1;
    watch_ = pool_.services().host->watch(pool_.worker(), fd_, TP_READABLE | TP_WRITABLE, ready, this);
    if (watch_ == nullptr) return close();
    if (is_connected_) send();
}

void Probe::ready(void* self, uint32_t what) {
    auto* probe = static_cast<Probe*>(self);
    Pool::Entry entry(probe->pool_);
    if (probe->fd_ < 0) return;
    if (!probe->is_connected_) {
        const int32_t error = probe->pool_.services().io->connected(nullptr, probe->fd_);
        if (error < 0) return probe->finish(false, "it cannot be connected to: " + probe->reasonOf(error));
        probe->is_connected_ = true;
    }
    probe->send();
    if (probe->fd_ >= 0 && (what & (TP_READABLE | TP_HANGUP)) != 0) probe->read();
}

void Probe::send() {
    while (sent_ < question_.size()) {
        const tp_str rest = str(std::string_view(question_).substr(sent_));
        const int64_t n = pool_.services().io->write(nullptr, fd_, &rest, 1);
        if (n == -EAGAIN) return;
        if (n < 0) return finish(false, "it broke the connection: " + reasonOf(n));
        sent_ += static_cast<size_t>(n);
    }
}

void Probe::read() {
    for (;;) {
        const int64_t n = pool_.services().io->read(nullptr, fd_, buffer_->data + buffer_->used, buffer_->room());
        if (n == -EAGAIN) return;
        if (n < 0) return finish(false, "it broke the connection: " + reasonOf(n));
        if (n == 0) return finish(false, "it closed the connection without an answer");
        buffer_->used += static_cast<size_t>(n);
        if (head_.parse(buffer_->data, buffer_->used) != AnswerHead::State::More) return judge();
    }
}

std::string Probe::reasonOf(int64_t error) const {
    return pool_.services().whyFailed(fd_, static_cast<int>(-error));
}

void Probe::judge() {
    if (head_.state() == AnswerHead::State::Bad) return finish(false, "it sent " + head_.reason());
    const unsigned wanted = pool_.settings().health_status;
    finish(head_.status() == wanted,
           "it answered with status " + std::to_string(head_.status()) + " instead of " + std::to_string(wanted));
}

void Probe::finish(bool is_good, const std::string& why) {
    close();
    target_.asked(is_good, why);
}

}  // namespace turnpike::proxy
