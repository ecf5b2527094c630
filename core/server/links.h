// links.h - a worker's connections over shared memory (os/link.h). Each lane of one has a descriptor of its own,
// by which a plugin reads, writes and watches it as it would a socket. Loop thread only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/loop.h"
#include "os/link.h"

namespace turnpike::server {

/// Who is told what there is to do on a lane.
class LaneWatcher {
 public:
    virtual ~LaneWatcher() = default;
    /// As net::Source::onEvent(). `what` may be nothing: only the share of the wait is to be paid.
    virtual void onLane(uint32_t what, uint32_t share_milli) = 0;
};

class Links {
 public:
    explicit Links(net::EventLoop& loop) : loop_(loop) {}
    ~Links();
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;

    /// Null: `fd` is an ordinary descriptor.
    os::Link::Lane* find(int fd) const {
        const Lane* lane = entry(fd);
        return lane != nullptr ? lane->lane : nullptr;
    }
    /// The descriptor of its first lane, or -errno.
    int add(std::unique_ptr<os::Link> link);
    /// One more of the link that `fd` belongs to. -ENOTSUP: there is none.
    int addLane(int fd);
    /// Closes a lane, and the link with the last of its lanes. False: `fd` is none.
    bool close(int fd);

    /// Before close() it must be unwatched. `watcher` is told of what comes, and when the lane was watched before,
    /// of what is there already.
    void watch(int fd, uint32_t events, LaneWatcher& watcher);
    void unwatch(int fd);
    /// After read() and write(): a program that sleeps is woken before the loop waits again.
    void settle(int fd);

 private:
    struct Owner;
    struct Lane {
        Owner* owner = nullptr;
        os::Link::Lane* lane = nullptr;
        size_t index = 0;
        os::Fd own;  // of all lanes but the first, whose descriptor is the link's socket
    };
    const Lane* entry(int fd) const {
        const auto at = static_cast<size_t>(fd);
        return at < by_fd_.size() && by_fd_[at].owner != nullptr ? &by_fd_[at] : nullptr;
    }
    void put(int fd, Lane lane);
    void wakeAll();

    net::EventLoop& loop_;
    std::vector<Lane> by_fd_;
    std::vector<Owner*> to_wake_;
};

}  // namespace turnpike::server
