#include "server/links.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "os/local.h"

namespace turnpike::server {

/// A link and its watchers. What there is to do stands in the memory, and two descriptors say when to look at it.
struct Links::Owner {
    struct Socket final : net::Source {
        explicit Socket(Owner& o) : owner(o) {}
        Owner& owner;
        void onEvent(uint32_t what, uint32_t share_milli) override {
            if ((what & os::kHangup) == 0) return;
            owner.link->hungUp();
            owner.look(share_milli);
        }
    };
    struct Waker final : net::Source {
        explicit Waker(Owner& o) : owner(o) {}
        Owner& owner;
        void onEvent(uint32_t, uint32_t share_milli) override { owner.look(share_milli); }
    };
    struct Watched {
        LaneWatcher* by = nullptr;
        uint32_t events = 0;
        bool was_watched = false;
    };

    explicit Owner(std::unique_ptr<os::Link> l) : link(std::move(l)), socket(*this), waker(*this) {}

    /// Nothing may be there any more: it was read when something else woke the worker. Then the first lane pays
    /// for the wait. A watcher may close any lane, and with the last one the link.
    void look(uint32_t share_milli) {
        for (size_t i = 0; i < link::kLanes && link; ++i) {
            if (lanes[i].by == nullptr) continue;
            const uint32_t what = link->lane(i).ready() & (lanes[i].events | os::kHangup);
            if (what != 0) lanes[i].by->onLane(what, std::exchange(share_milli, 0));
        }
        if (share_milli != 0 && link && lanes[0].by != nullptr) lanes[0].by->onLane(0, share_milli);
    }

    std::unique_ptr<os::Link> link;  // null: closed
    Socket socket;
    Waker waker;
    std::array<Watched, link::kLanes> lanes;
    size_t opened = 1, open = 1;  // lanes: the first ones have been opened
    bool is_to_wake = false;
};

/// The loop is not run again.
Links::~Links() {
    for (const Lane& lane : by_fd_)
        if (lane.owner != nullptr && --lane.owner->open == 0) delete lane.owner;
}

void Links::put(int fd, Lane lane) {
    const auto at = static_cast<size_t>(fd);
    if (at >= by_fd_.size()) by_fd_.resize(at + 1);
    by_fd_[at] = std::move(lane);
}

int Links::add(std::unique_ptr<os::Link> link) {
    const int fd = link->socket();
    auto owner = std::make_unique<Owner>(std::move(link));
    int added = loop_.add(fd, 0, owner->socket);
    if (added < 0) return added;
    added = loop_.add(owner->link->waker(), os::kReadable, owner->waker);
    if (added < 0) {
        loop_.remove(fd, owner->socket);
        return added;
    }
    os::Link::Lane& first = owner->link->lane(0);
    put(fd, {owner.release(), &first, 0, {}});
    return fd;
}

int Links::addLane(int fd) {
    const Lane* of = entry(fd);
    if (of == nullptr || of->owner->opened == link::kLanes) return -ENOTSUP;
    Owner& owner = *of->owner;
    auto own = os::duplicate(owner.link->socket(), ledger::Class::Backend);
    if (own < 0) return static_cast<int>(own);
    const auto number = static_cast<int>(own);
    put(number, {&owner, &owner.link->lane(owner.opened), owner.opened, os::Fd(number, ledger::Class::Backend)});
    ++owner.opened;
    ++owner.open;
    return number;
}

bool Links::close(int fd) {
    if (entry(fd) == nullptr) return false;
    const Lane lane = std::exchange(by_fd_[static_cast<size_t>(fd)], {});
    lane.lane->withdraw();  // or the program would begin what nobody waits for
    Owner& owner = *lane.owner;
    owner.lanes[lane.index].by = nullptr;
    if (--owner.open > 0) return true;
    loop_.remove(owner.link->waker(), owner.waker);
    loop_.remove(owner.link->socket(), owner.socket);
    owner.link.reset();
    if (owner.is_to_wake) std::erase(to_wake_, &owner);
    // Its look() may be under way.
    loop_.later([](void* p) { delete static_cast<Owner*>(p); }, &owner);
    return true;
}

void Links::watch(int fd, uint32_t events, LaneWatcher& watcher) {
    const Lane& lane = *entry(fd);
    Owner& owner = *lane.owner;
    Owner::Watched& watched = owner.lanes[lane.index];
    watched.by = &watcher;
    watched.events = events;
    if (std::exchange(watched.was_watched, true)) loop_.tellAgain(owner.link->waker(), os::kReadable, owner.waker);
}

void Links::unwatch(int fd) {
    if (const Lane* lane = entry(fd); lane != nullptr) lane->owner->lanes[lane->index].by = nullptr;
}

void Links::settle(int fd) {
    Owner& owner = *entry(fd)->owner;
    if (!owner.link->owesWake() || std::exchange(owner.is_to_wake, true)) return;
    if (to_wake_.empty()) loop_.later([](void* self) { static_cast<Links*>(self)->wakeAll(); }, this);
    to_wake_.push_back(&owner);
}

void Links::wakeAll() {
    for (Owner* owner : to_wake_) {
        owner->is_to_wake = false;
        owner->link->wake();
    }
    to_wake_.clear();
}

}  // namespace turnpike::server
