// peer.h - the program's side of a link (memory.h): it takes connections up from a listening unix socket and waits
// for bytes by itself. For programs that are started by Turnpike or beside it; no part of the server. One thread.
// Takes SIGIO for itself: with it the kernel tells that the worker has gone, whatever the program does just then.
#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "sdk/link/memory.h"

namespace turnpike::link {

class Peer {
 public:
    /// Waits for the next connection of `listener` (a unix socket that blocks) and takes it up. Null: a signal
    /// came, or what came was no link; ask again. `must_end` is asked whenever a signal interrupts a begin()
    /// that waits: if true, it ends.
    static std::unique_ptr<Peer> accept(
        int listener, std::function<bool()> must_end = [] { return false; });
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Waits for the next request, in the order in which they were offered. What was not read of the one before is
    /// forgotten. False: the worker is gone, or what it has written cannot be, or `must_end`.
    bool begin();
    /// The answer is whole but for its last bytes, which must be written after it, and flushed.
    void end();

    // Of the request that was begun.
    /// Waits for at least one byte; 0: the worker is gone, or what it has written cannot be.
    size_t read(char* to, size_t size);
    /// Whether read() would return at once. No system call.
    bool hasInput() const { return isGone() || lane_->requests.waiting() != 0u; }
    /// Writes all of both, waiting while the ring is full. False: the worker is gone.
    bool write(std::string_view head, std::string_view data);
    /// The worker learns of what was written since. Without it, only when the ring is full.
    void flush();

    /// No request is begun after this one. Before the end of its answer is written.
    void setClosing() { memory_->is_closing.store(1); }
    /// A system call only after SIGIO.
    bool isGone() const;

 private:
    struct LaneView {
        explicit LaneView(Lane& lane)
            : gate(lane.gate), requests(lane.requestRing()), answers(lane.answerRing()) {}
        Gate gate;
        Consumer requests;
        Producer answers;
    };

    Peer(int socket, int waker, Memory* memory, std::function<bool()> must_end);
    LaneView* firstOffered();
    enum class Sleep : bool { Interruptible, Deep };
    template <class Ready>
    bool waitUntil(Sleep sleep, Ready ready);
    bool put(std::string_view data);
    void wakeWorker();

    int socket_, waker_;
    Memory* memory_;
    std::function<bool()> must_end_;
    std::array<LaneView, kLanes> lanes_;
    LaneView* lane_ = lanes_.data();  // of the request that was begun last
    Sleeper backend_, worker_;
    mutable bool is_gone_ = false;
    bool has_news_ = false;  // written since the last flush()
    uint64_t began_ = 0;     // when, the last request
};

}  // namespace turnpike::link
