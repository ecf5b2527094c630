#include "os/link.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

#include "os/call.h"
#include "os/event.h"

namespace turnpike::os {
namespace {

constexpr size_t kSize = sizeof(link::Memory);

/// Sealed: a program that made it smaller would end this process with SIGBUS.
Fd makeMemory(Class c, int* error) {
    int fd = static_cast<int>(
        call(c, false, [] { return ::memfd_create("turnpike-link", MFD_CLOEXEC | MFD_ALLOW_SEALING); }));
    if (fd < 0) {
        *error = -fd;
        return {};
    }
    Fd memory(fd, c);
    auto result = call(c, false, [&] { return ::ftruncate(fd, kSize); });
    constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    if (result == 0) result = call(c, false, [&] { return ::fcntl(fd, F_ADD_SEALS, kSeals); });
    if (result == 0) return memory;
    *error = static_cast<int>(-result);
    return {};
}

link::Memory* map(int fd, Class c, int* error) {
    void* at = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ledger::count(c, at == MAP_FAILED ? -errno : 0, false);
    if (at != MAP_FAILED) return new (at) link::Memory;
    *error = errno;
    return nullptr;
}

Fd makeLinkWaker(Class c, int* error) {
    int fd = static_cast<int>(call(c, false, [] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }));
    if (fd < 0) *error = -fd;
    return {fd, c};
}

}  // namespace

std::unique_ptr<Link> Link::connect(const Address& address, Class c, int* error) {
    bool done = false;
    int fd = os::connect(address, c, &done);
    if (fd < 0) {
        *error = -fd;
        return nullptr;
    }
    Fd socket(fd, c);
    Fd memory = makeMemory(c, error);
    if (!memory) return nullptr;
    Fd waker = makeLinkWaker(c, error);
    if (!waker) return nullptr;
    link::Memory* shared = map(memory.get(), c, error);
    if (shared == nullptr) return nullptr;
    std::unique_ptr<Link> link(new Link(std::move(socket), std::move(waker), shared));
    // Last: from here on the program may change what is in it.
    const link::Hello hello{link::Hello::kMagic, kSize};
    const int fds[] = {memory.get(), link->waker()};
    auto sent = sendMessage(fd, &hello, sizeof hello, fds, 2, c);
    if (sent == sizeof hello) return link;
    *error = sent < 0 ? static_cast<int>(-sent) : EPIPE;
    return nullptr;
}

Link::Link(Fd socket, Fd waker, link::Memory* memory)
    : socket_(std::move(socket)),
      waker_(std::move(waker)),
      memory_(memory),
      backend_(memory->backend_sleeps),
      worker_(memory->worker_sleeps),
      lanes_([this]<size_t... I>(link::Lane * lanes, std::index_sequence<I...>) {
          return std::array<Lane, link::kLanes>{Lane(*this, lanes[I])...};
      }(memory->lanes, std::make_index_sequence<link::kLanes>())) {
    worker_.announce();
}

Link::~Link() {
    wake();
    ::munmap(memory_, kSize);
    ledger::count(Class::Backend, 0, false);
}

/// Who writes pays, although the call comes later.
void Link::oweWake(Class c) {
    memory_->backend_sleeps.store(0);
    if (!std::exchange(owes_wake_, true)) ledger::count(c, 0, false);
}

void Link::wake() {
    if (!owes_wake_) return;
    owes_wake_ = false;
    ::syscall(SYS_futex, &memory_->backend_sleeps, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

bool Link::Lane::hasAnswer() {
    if (answers_.waiting() != 0U) return true;
    link_.worker_.announce();
    return answers_.waiting() != 0U;
}

bool Link::Lane::hasRoom() {
    if (requests_.room() != 0U) return true;
    requests_.askForSpace();  // the program may have forgotten that somebody asked
    return requests_.room() != 0U;
}

uint32_t Link::Lane::ready() {
    uint32_t what = 0;
    if (hasAnswer()) what |= kReadable;
    if (hasRoom()) what |= kWritable;
    if (link_.is_gone_ || link_.memory_->is_closing.load() != 0) what |= kHangup;
    return what;
}

/// Everything up to `size`; when it ends sooner, the waker is armed.
int64_t Link::Lane::takeAll(char* to, size_t size) {
    size_t done = 0;
    for (bool is_armed = false;;) {
        auto waiting = answers_.waiting();
        if (!waiting) return -EPROTO;
        size_t part = std::min<size_t>(*waiting, size - done);
        if (part > 0) answers_.take(to + done, part);
        done += part;
        if (done == size || (is_armed && *waiting == 0)) return static_cast<int64_t>(done);
        if (is_armed) continue;
        link_.worker_.announce();
        is_armed = true;
    }
}

int64_t Link::Lane::read(void* to, size_t size, Class c) {
    int64_t done = takeAll(static_cast<char*>(to), size);
    if (done == 0 && size > 0) {
        const int64_t state = askSocket(c);
        // What the program wrote just before it closed came between the two looks.
        if (state != -EAGAIN) done = takeAll(static_cast<char*>(to), size);
        if (done == 0) return state;
    }
    if (done > 0 && answers_.isSpaceWanted()) link_.oweWake(c);
    return done;
}

/// Nothing is there: is anybody?
int64_t Link::Lane::askSocket(Class c) {
    if (link_.memory_->is_closing.load() != 0 && withdraw()) return -ESHUTDOWN;
    char byte;
    auto got = link_.is_gone_ ? 0 : call(c, true, [&] { return ::recv(link_.socket(), &byte, 1, MSG_DONTWAIT); });
    if (got == -EAGAIN) return got;
    link_.is_gone_ = true;
    return withdraw() ? -ESHUTDOWN : 0;
}

/// What fits of the parts, from byte `from` on. The new end, or -EPROTO.
int64_t Link::Lane::put(const iovec* parts, size_t count, size_t from) {
    auto room = requests_.room();
    if (!room) return -EPROTO;
    size_t left = *room, done = from;
    for (size_t i = 0; i < count && left > 0; ++i) {
        std::string_view data(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
        const size_t skipped = std::min(from, data.size());
        from -= skipped;
        data = data.substr(skipped, left);
        requests_.put(data);
        left -= data.size();
        done += data.size();
    }
    requests_.publish();
    return static_cast<int64_t>(done);
}

int64_t Link::Lane::write(const iovec* parts, size_t count, Class c) {
    if (link_.is_gone_) return -EPIPE;
    if (link_.memory_->is_closing.load() != 0 && !gate_.isBegun()) return -ESHUTDOWN;
    // The program may end a request before it has all of it. What comes late must not pass for the next one.
    if (!is_new_ && gate_.isFree()) return -EPIPE;
    const bool is_first = std::exchange(is_new_, false);
    if (is_first) began_at_ = requests_.written();
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) size += parts[i].iov_len;
    int64_t done = put(parts, count, 0);
    if (done >= 0 && static_cast<size_t>(done) < size) {
        requests_.askForSpace();
        done = put(parts, count, static_cast<size_t>(done));
    }
    if (done < 0 || size == 0) return done;
    if (is_first) {
        link_.worker_
            .announce();  // a lane whose answer waits for its client may have been the last to be looked at
        // Even if nothing fits: what was not read of the request before goes when this one begins.
        gate_.offer(++link_.offers_, began_at_);
    }
    if (link_.backend_.mustBeWoken()) link_.oweWake(c);
    return done > 0 ? done : -EAGAIN;
}

bool Link::Lane::withdraw() {
    if (!gate_.withdraw()) return false;
    requests_.rewind(began_at_);
    is_new_ = true;
    return true;
}

}  // namespace turnpike::os
