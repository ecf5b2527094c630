// peer.h - a process at the other end of a hop. One thread; ended with its object, and with its parent.
#pragma once
#include <sys/types.h>

#include <functional>

#include "base/result.h"

namespace turnpike::measure {

class Peer {
 public:
    /// Forks; the child is bound to `processor` and runs `serve`, which must not return before it is of no more
    /// use, nor touch what the parent does.
    static Result<Peer> start(unsigned processor, const std::function<void()>& serve);
    Peer(Peer&& other) noexcept;
    Peer& operator=(Peer&& other) noexcept;
    ~Peer();

 private:
    explicit Peer(pid_t pid) : pid_(pid) {}
    pid_t pid_;
};

}  // namespace turnpike::measure
