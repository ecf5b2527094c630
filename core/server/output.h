// output.h - what a connection still has to send: copied bytes in one block, then borrowed pieces of memory, then
// at most one file or pipe, then the bytes that close it. One owner, loop thread only.
#pragma once
#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "net/transport.h"
#include "sdk/plugin.h"
#include "server/pipes.h"

namespace turnpike::server {

class Output {
 public:
    enum class Flush : uint8_t { Done, Blocked, Yield, Failed };

    explicit Output(BlockPool& pool) : pool_(pool) {}
    ~Output() { release(); }

    /// Room for `size` bytes to be copied in, or null when the block is too full. commit() what was written there.
    char* room(size_t size);
    void commit(size_t size) { end_ += size; }
    bool append(std::string_view bytes);

    /// Pieces that stay where they are until flush() says Done.
    void borrow(std::string_view bytes);
    void borrowFile(int fd, uint64_t offset, uint64_t size);
    /// What a pipe holds, which goes back with the last of it.
    void borrowPipe(PipeLoan pipe) { pipe_ = std::move(pipe); }
    /// Bytes behind the borrowed pieces and the file or pipe, borrowed as well.
    void close(std::string_view bytes);

    /// Sends until all is gone (Done), the socket is full (Blocked), a fair share was sent (Yield: call again
    /// later) or the peer is gone or the file shrank (Failed).
    /// `ends`: the caller closes its side right after Done, so that the end need not be a packet of its own.
    Flush flush(net::Transport& transport, bool ends);
    /// Copies up to `size` bytes of what is to be sent; how many, or -errno (-EIO: the file is shorter than it
    /// was).
    int64_t take(char* to, size_t size);
    /// Forgets all that was not sent.
    void drop();
    bool isEmpty() const;
    /// Bytes that are still to be sent.
    uint64_t pending() const;
    /// Free bytes in the block; 0 when borrowed bytes wait behind it.
    size_t space();
    /// Bytes waiting in the block.
    size_t copied() const { return end_ - begin_; }
    /// Bytes that flush() has brought to sockets, of all answers, and of all connections that have used it: only
    /// differences tell something.
    uint64_t sent() const { return sent_; }
    void release();

 private:
    size_t gather(iovec* parts, size_t most) const;
    void advance(size_t bytes);
    /// A file or a pipe is in turn when the memory before it has left.
    bool hasDescriptor() const { return file_left_ > 0 || pipe_ != nullptr; }
    int64_t sendDescriptor(net::Transport& transport, bool ends);

    BlockPool& pool_;
    std::unique_ptr<char[]> block_;
    size_t begin_ = 0, end_ = 0;
    std::vector<iovec> borrowed_;
    size_t borrowed_next_ = 0;
    uint64_t sent_ = 0;
    int file_ = -1;
    uint64_t file_offset_ = 0, file_left_ = 0;
    PipeLoan pipe_;
    std::string_view tail_;
};

}  // namespace turnpike::server
