// link.h - the socket of a connection to a backend: one request at a time, written and read as the socket lets it.
// The watch stays in place and there is no timer of its own. Loop thread only.
#pragma once
#include <cerrno>
#include <cstdint>
#include <string>

#include "sdk/gateway/services.h"

namespace turnpike::gateway {

inline std::string span(uint64_t ms) { return std::to_string(ms) + " ms"; }

/// A protocol's connection derives from this as `Self`, and speaks: it has onEvent(), readOnce() and lost().
template <class Self, class Pool, class Exchange>
class Link {
 public:
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Begins to watch; 0 or -errno. `is_connected`: the connection is made already.
    int open(bool is_connected) {
        state_ = is_connected ? State::Idle : State::Connecting;
        deadline_ = pool_.now() + pool_.rules().connect_ms;
        return watch(is_connected ? TP_READABLE : TP_WRITABLE);
    }
    /// Unwatches and closes; after it the object only waits to be destroyed.
    void close(tp_request* payer) {
        if (watch_ != nullptr) pool_.services().host->unwatch(pool_.worker(), watch_);
        watch_ = nullptr;
        if (later_ != nullptr) pool_.services().host->cancel(pool_.worker(), later_);
        later_ = nullptr;
        pool_.services().io->close(payer, fd_, TP_CLASS_BACKEND);
        state_ = State::Closed;
    }
    int fd() const { return fd_; }

 protected:
    enum class State : uint8_t { Connecting, Idle, Busy, Draining, Closed };
    enum class Read : uint8_t { Drained, More, Over };

    /// Takes `fd`. open() must follow.
    Link(Pool& pool, int fd) : pool_(pool), fd_(fd) {}
    ~Link() = default;

    // Asked for readability only: the socket becomes writable again whenever the backend reads, and each time
    // would be a wake-up for nothing.
    int watch(uint32_t events) {
        const tp_host& host = *pool_.services().host;
        if (watch_ != nullptr) host.unwatch(pool_.worker(), watch_);
        watch_ = host.watch(pool_.worker(), fd_, events, ready, this);
        if (watch_ == nullptr) return -ENOMEM;
        host.charge(watch_, payer());
        return 0;
    }
    /// False: that was not possible, and the connection is lost.
    bool stopWritingEvents() {
        if (waits_to_write_ && watch(TP_READABLE) < 0) {
            self().lost("could not be watched");
            return false;
        }
        waits_to_write_ = false;
        return true;
    }

    void attach(Exchange& exchange) {
        exchange_ = &exchange;
        exchange.connection = &self();
        exchange.stage = Exchange::Stage::Running;
        pool_.services().host->charge(watch_, exchange.request);
    }
    Exchange& detach() {
        Exchange& exchange = *exchange_;
        exchange.connection = nullptr;
        exchange_ = nullptr;
        if (watch_ != nullptr) pool_.services().host->charge(watch_, nullptr);
        return exchange;
    }
    tp_request* payer() const { return exchange_ != nullptr ? exchange_->request : nullptr; }

    // A request that may not be asked twice, or not once more, is worth a look whether the backend is still there.
    bool isAlive() {
        char byte;
        return pool_.services().io->read(payer(), fd_, &byte, 1) == -EAGAIN;
    }
    void readAll(bool hangup) {
        hangup_ = hangup_ || hangup;
        if (paused_) return;
        for (reads_ = 0; reads_ < kReadsInOneGo; ++reads_) {
            switch (self().readOnce()) {
                case Read::Over:
                    return;
                case Read::More:
                    continue;
                case Read::Drained:
                    break;
            }
            if (!hangup_) return;  // the next edge comes with the next byte
        }
        if (later_ == nullptr) later_ = pool_.services().host->timer(pool_.worker(), 1, readOn, this);
    }

    Pool& pool_;
    Exchange* exchange_ = nullptr;
    uint64_t deadline_ = 0;
    uint32_t served_ = 0;
    State state_ = State::Connecting;
    bool waits_to_write_ = false, paused_ = false, hangup_ = false;
    bool heard_ = false;  // the answer has begun
    uint64_t reads_ = 0;  // in this go, as if each had brought 64 KiB at most

 private:
    // After so many reads (of up to 64 KiB) in one go the worker's other requests have their turn: over shared
    // memory a backend can write as fast as it is read.
    static constexpr uint64_t kReadsInOneGo = 64;

    Self& self() { return static_cast<Self&>(*this); }
    static void ready(void* link, uint32_t what) {
        auto* self = static_cast<Link*>(link);
        typename Pool::Entry entry(self->pool_);
        self->self().onEvent(what);
    }
    static void readOn(void* link) {
        auto* self = static_cast<Link*>(link);
        typename Pool::Entry entry(self->pool_);
        self->later_ = nullptr;
        if (self->state_ == State::Busy || self->state_ == State::Draining) self->readAll(false);
    }

    int fd_;
    tp_watch* watch_ = nullptr;
    tp_timer* later_ = nullptr;  // reading goes on when it fires
};

}  // namespace turnpike::gateway
