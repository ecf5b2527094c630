// peer.h - the program's side of a link (memory.h): it takes connections up from a listening unix socket and waits
// for bytes by itself. For programs that are started by Turnpike or beside it; no part of the server. One thread.
// Takes SIGIO for itself: with it the kernel tells that the worker has gone, whatever the program does just then.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "sdk/link/memory.h"

namespace turnpike::link {

class Peer {
 public:
    /// Waits for the next connection of `listener` (a unix socket that blocks) and takes it up. Null: a signal
    /// came, or what came was no link; ask again. `must_end` is asked whenever a signal interrupts a read() that
    /// waits: if true, that read ends.
    static std::unique_ptr<Peer> accept(
        int listener, std::function<bool()> must_end = [] { return false; });
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    /// Waits for at least one byte; 0: the worker is gone, or what it has written cannot be, or `must_end`.
    size_t read(char* to, size_t size);
    /// Whether read() would return at once. No system call.
    bool hasInput() const { return isGone() || requests_.waiting() != 0u; }
    /// Writes all of both, waiting while the ring is full. False: the worker is gone.
    bool write(std::string_view head, std::string_view data);
    /// The worker learns of what was written since. Without it, only when the ring is full.
    void flush();
    /// No request is taken after the one whose answer ends next. Before that end is written.
    void setClosing() { memory_->is_closing.store(1); }
    /// It is taken after all, and may be larger than the ring.
    void setOpen() { memory_->is_closing.store(0); }
    /// A system call only after SIGIO.
    bool isGone() const;

 private:
    Peer(int socket, int waker, Memory* memory, std::function<bool()> must_end);
    enum class Sleep : bool { Interruptible, Deep };
    template <class Ready>
    bool waitUntil(Sleep sleep, Ready ready);
    bool put(std::string_view data);
    void wakeWorker();

    int socket_, waker_;
    Memory* memory_;
    std::function<bool()> must_end_;
    Consumer requests_;
    Producer answers_;
    Sleeper backend_, worker_;
    mutable bool is_gone_ = false;
    bool has_news_ = false;  // written since the last flush()
};

}  // namespace turnpike::link
