// channel.h - one end of a message channel (SOCK_SEQPACKET) in a Reactor. Messages that the peer does not take now
// wait their turn; the peer's death is told once, as an empty message.
#pragma once
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "os/fd.h"
#include "process/reactor.h"

namespace turnpike::process {

/// Larger ones are refused by the sender and cut by the receiver: the kernel's default buffer holds 208 KiB.
inline constexpr size_t kMostMessage = size_t{128} * 1024;

class Channel {
 public:
    /// `fds` are the receiver's to close; those it moves out of the vector it keeps.
    using Received = std::function<void(std::string_view message, std::vector<os::Fd>& fds)>;

    Channel(Reactor& reactor, os::Fd fd, Received received);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// `fd`, -1: none, goes along; the caller keeps its own. False when the message is too large.
    bool send(std::string bytes, int fd = -1);
    int fd() const { return fd_.get(); }
    /// Messages that the peer has not made room for yet.
    size_t waiting() const { return waiting_.size(); }

    /// Receives what has arrived by now; `received` may not destroy the channel meanwhile. For a peer that has
    /// ended: its last words come before the news of its death.
    void receiveArrived();

 private:
    struct Waiting {
        std::string bytes;
        os::Fd fd;
    };
    void onEvent(uint32_t what);
    bool receive();
    void flush();
    bool trySend(const std::string& bytes, int fd);
    void rewatch();

    Reactor& reactor_;
    os::Fd fd_;
    Received received_;
    std::deque<Waiting> waiting_;
};

}  // namespace turnpike::process
