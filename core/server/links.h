// links.h - a worker's connections over shared memory (os/link.h), by the descriptor of the socket that each has:
// so a plugin reads, writes and watches one as it would a socket. Loop thread only.
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "os/link.h"

namespace turnpike::server {

class Links {
 public:
    /// Null: `fd` is an ordinary descriptor.
    os::Link* find(int fd) const {
        const auto at = static_cast<size_t>(fd);
        return at < by_fd_.size() ? by_fd_[at].get() : nullptr;
    }
    /// The link's descriptor.
    int add(std::unique_ptr<os::Link> link) {
        const auto at = static_cast<size_t>(link->socket());
        if (at >= by_fd_.size()) by_fd_.resize(at + 1);
        by_fd_[at] = std::move(link);
        return static_cast<int>(at);
    }
    /// Closes it. False: `fd` is no link's.
    bool close(int fd) {
        if (find(fd) == nullptr) return false;
        by_fd_[static_cast<size_t>(fd)].reset();
        return true;
    }

 private:
    std::vector<std::unique_ptr<os::Link>> by_fd_;
};

}  // namespace turnpike::server
