// handles.h - what a job holds of the host: pipe ends, watched pipes and timers, each given back when it goes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "sdk/gateway/passage.h"
#include "sdk/services.h"

namespace turnpike::cgi {

/// The host's tables and the worker that they are called for.
struct Services {
    const tp_host& host;
    const tp_io& io;
    const tp_process& process;
    tp_worker* worker;
};

/// One end of a pipe that is not watched.
class PipeEnd {
 public:
    PipeEnd() = default;
    PipeEnd(const tp_io& io, tp_request* payer, int fd) : io_(&io), payer_(payer), fd_(fd) {}
    PipeEnd(PipeEnd&& other) noexcept : io_(other.io_), payer_(other.payer_), fd_(std::exchange(other.fd_, -1)) {}
    PipeEnd& operator=(PipeEnd&& other) noexcept {
        std::swap(io_, other.io_);
        std::swap(payer_, other.payer_);
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~PipeEnd() {
        if (fd_ >= 0) io_->close(payer_, fd_, TP_CLASS_BACKEND);
    }
    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

 private:
    const tp_io* io_ = nullptr;
    tp_request* payer_ = nullptr;
    int fd_ = -1;
};

struct Pipe {
    PipeEnd read, write;
};
/// ours: 0 reads, 1 writes. 0 or -errno.
int makePipe(const Services& services, tp_request* payer, uint32_t ours, Pipe& pipe);

/// Our end of a pipe to the program, watched or left alone for a while.
class WatchedPipe {
 public:
    using Ready = void (*)(void* arg, uint32_t events);

    explicit WatchedPipe(const Services& services) : services_(services) {}
    ~WatchedPipe() { close(nullptr); }
    WatchedPipe(const WatchedPipe&) = delete;
    WatchedPipe& operator=(const WatchedPipe&) = delete;

    /// Takes the end over; it is not watched yet.
    void open(PipeEnd end);
    /// Watches it, if it is open and was not watched. False: the kernel would not.
    bool watch(uint32_t events, tp_request* payer, Ready ready, void* arg);
    /// Nobody is called until watch().
    void unwatch();
    bool isOpen() const { return fd_ >= 0; }
    void close(tp_request* payer);
    /// The worker pays from now on.
    void orphan();

    /// What a wake-up said.
    void note(uint32_t events);
    /// Nothing is in it, and nobody can write to it any more.
    bool isAtEnd() const { return is_dry_ && has_hung_up_; }
    /// Ask the kernel again, whatever is known.
    void retry() { is_dry_ = false; }
    /// Bytes, 0 at the end, -EAGAIN when it is empty. A read that did not fill `to` emptied the pipe: the kernel
    /// is not asked a second time before it says so itself.
    int64_t read(tp_request* payer, char* to, size_t size);
    /// Up to `most` bytes on to the client, past us: as read(), and as Passage::move().
    int64_t pass(gateway::Passage& passage, tp_request* request, uint64_t most, int32_t* sent);
    int64_t write(tp_request* payer, tp_str data);

 private:
    const Services& services_;
    int fd_ = -1;
    tp_watch* watch_ = nullptr;
    bool is_dry_ = false, has_hung_up_ = false;
};

/// A timer that can be armed again and again; it must stay where it is while armed.
class Timer {
 public:
    using Fired = void (*)(void* arg);

    explicit Timer(const Services& services) : services_(services) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Replaces what was armed before. 0 milliseconds: in the loop's next turn.
    void arm(uint64_t milliseconds, Fired fired, void* arg);
    void cancel();
    bool isArmed() const { return timer_ != nullptr; }

 private:
    const Services& services_;
    tp_timer* timer_ = nullptr;
    Fired fired_ = nullptr;
    void* arg_ = nullptr;
};

}  // namespace turnpike::cgi
