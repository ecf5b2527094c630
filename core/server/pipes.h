// pipes.h - the pipes by which bodies go from a backend to a client without coming into the server's memory:
// splice(2) moves between two descriptors only where one of them is a pipe. Loop thread only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/transport.h"
#include "os/fd.h"

namespace turnpike::server {

class Pipes;
class Pipe;

/// Gives a pipe back to where it came from.
struct PipeReturn {
    void operator()(Pipe* pipe) const;
};
using PipeLoan = std::unique_ptr<Pipe, PipeReturn>;

class Pipe {
 public:
    Pipe(Pipes& home, int read, int write, size_t size);

    /// Takes up to `most` bytes that `from` holds: how many, 0 at its end, -EAGAIN, or another -errno. It is
    /// empty.
    int64_t fill(int from, uint64_t most);
    /// Gives what it holds to the client, as far as that takes it. As Transport::splice().
    int64_t drain(net::Transport& to, bool more);
    size_t held() const { return held_; }

 private:
    friend PipeReturn;

    Pipes& home_;
    os::Fd read_, write_;
    size_t size_, held_ = 0;
};

/// Those of a worker. It outlives what it lends.
class Pipes {
 public:
    /// None are lent where `workers` is 0. Otherwise one of so many, who share what their user may have in pipes:
    /// 64 MiB by default (pipe(7), pipe-user-pages-soft), past which the pipes of CGI programs would be tiny.
    /// These take a quarter.
    explicit Pipes(size_t workers);

    /// How many are lent at a time.
    size_t most() const { return most_; }
    /// Null: as many are lent as may be, or the kernel gives none of a size that is worth it.
    PipeLoan take();

 private:
    friend PipeReturn;

    Pipe* make();
    void back(std::unique_ptr<Pipe> pipe);

    const size_t most_;
    std::vector<std::unique_ptr<Pipe>> spare_;  // empty ones
    size_t lent_ = 0;
};

}  // namespace turnpike::server
