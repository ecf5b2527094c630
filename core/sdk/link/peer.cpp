#include "sdk/link/peer.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <utility>

namespace turnpike::link {
namespace {

uint64_t nowNs() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// Of the one connection that this process has: a signal's handler has no other way to it.
std::atomic<uint32_t>* sleeping_word = nullptr;
volatile std::sig_atomic_t must_look = 0;

/// Something happened to the socket. A sleep that is about to begin does not: its word has changed.
void onSocket(int) {
    must_look = 1;
    if (sleeping_word != nullptr) sleeping_word->store(0);
}

struct Descriptors {
    int memory = -1, waker = -1;
    ~Descriptors() {
        if (memory >= 0) ::close(memory);
        if (waker >= 0) ::close(waker);
    }
};

/// Who connects and says nothing is not waited for.
bool receive(int socket, Descriptors& got) {
    const timeval patience{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Hello hello;
    iovec part{&hello, sizeof hello};
    alignas(cmsghdr) char space[CMSG_SPACE(2 * sizeof(int))];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof space;
    const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) return false;
    const cmsghdr* control = CMSG_FIRSTHDR(&message);
    if (control == nullptr || control->cmsg_type != SCM_RIGHTS) return false;
    size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    int fds[2] = {-1, -1};
    std::memcpy(fds, CMSG_DATA(control), std::min<size_t>(count, 2) * sizeof(int));
    got.memory = fds[0];
    got.waker = fds[1];
    return size == sizeof hello && hello.magic == Hello::kMagic && hello.size == sizeof(Memory) && count == 2;
}

Memory* map(int fd) {
    struct stat st {};
    if (::fstat(fd, &st) != 0 || st.st_size != static_cast<off_t>(sizeof(Memory))) return nullptr;
    void* at = ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? nullptr : static_cast<Memory*>(at);
}

/// From now on SIGIO tells when the other end is closed.
bool tellWhenGone(int socket) {
    struct sigaction action {};
    action.sa_handler = onSocket;
    if (::sigaction(SIGIO, &action, nullptr) != 0) return false;
    if (::fcntl(socket, F_SETOWN, ::getpid()) != 0) return false;
    int flags = ::fcntl(socket, F_GETFL);
    return flags >= 0 && ::fcntl(socket, F_SETFL, flags | O_ASYNC | O_NONBLOCK) == 0;
}

}  // namespace

std::unique_ptr<Peer> Peer::accept(int listener, std::function<bool()> must_end) {
    int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return nullptr;
    Descriptors got;
    Memory* memory = receive(socket, got) && tellWhenGone(socket) ? map(got.memory) : nullptr;
    if (memory == nullptr) {
        ::close(socket);
        return nullptr;
    }
    must_look = 1;  // it may have left before SIGIO was asked for
    return std::unique_ptr<Peer>(new Peer(socket, std::exchange(got.waker, -1), memory, std::move(must_end)));
}

Peer::Peer(int socket, int waker, Memory* memory, std::function<bool()> must_end)
    : socket_(socket),
      waker_(waker),
      memory_(memory),
      must_end_(std::move(must_end)),
      lanes_([]<size_t... I>(Lane * lanes, std::index_sequence<I...>) {
          return std::array<LaneView, kLanes>{LaneView(lanes[I])...};
      }(memory->lanes, std::make_index_sequence<kLanes>())),
      backend_(memory->backend_sleeps),
      worker_(memory->worker_sleeps) {
    sleeping_word = &memory->backend_sleeps;
}

Peer::~Peer() {
    sleeping_word = nullptr;
    ::close(socket_);
    ::close(waker_);
    ::munmap(memory_, sizeof(Memory));
}

bool Peer::isGone() const {
    if (must_look != 0) {
        must_look = 0;
        char byte;
        is_gone_ = is_gone_ || ::recv(socket_, &byte, 1, 0) != -1 || errno != EAGAIN;
    }
    return is_gone_;
}

/// False: the worker is gone, or must_end_.
template <class Ready>
bool Peer::waitUntil(Sleep sleep, Ready ready) {
    auto mustEnd = [&] { return isGone() || (sleep == Sleep::Interruptible && must_end_()); };
    while (!ready()) {
        if (mustEnd()) return false;
        backend_.announce();
        if (ready() || mustEnd()) {
            backend_.cancel();
            continue;
        }
        ::syscall(SYS_futex, &memory_->backend_sleeps, FUTEX_WAIT, 1, nullptr, nullptr, 0);
    }
    return true;
}

Peer::LaneView* Peer::firstOffered() {
    LaneView* first = nullptr;
    for (LaneView& lane : lanes_) {
        const uint32_t offered = lane.gate.offered();
        if (offered != 0 && (first == nullptr || Gate::isBefore(offered, first->gate.offered()))) first = &lane;
    }
    return first;
}

bool Peer::begin() {
    LaneView* found = nullptr;
    do {
        if (!waitUntil(Sleep::Interruptible, [&] { return (found = firstOffered()) != nullptr; })) return false;
    } while (!found->gate.begin());
    lane_ = found;
    began_ = nowNs();
    if (!lane_->requests.skipTo(lane_->gate.beginsAt())) return false;
    if (lane_->requests.isSpaceWanted()) wakeWorker();
    return true;
}

size_t Peer::read(char* to, size_t size) {
    Consumer& requests = lane_->requests;
    if (requests.waiting() == 0u) flush();
    if (!waitUntil(Sleep::Deep, [&] { return requests.waiting() != 0u; })) return 0;
    auto waiting = requests.waiting();
    if (!waiting) return 0;
    size_t part = std::min<size_t>(*waiting, size);
    requests.take(to, part);
    if (requests.isSpaceWanted()) wakeWorker();
    return part;
}

bool Peer::put(std::string_view data) {
    Producer& answers = lane_->answers;
    while (!data.empty()) {
        auto room = answers.room();
        if (!room) return false;
        if (*room == 0) {
            flush();
            // Asked for again before each sleep: the worker may have heard an older request for it only.
            if (!waitUntil(Sleep::Deep, [&] {
                    answers.askForSpace();
                    return answers.room() != 0u;
                }))
                return false;
            continue;
        }
        std::string_view part = data.substr(0, *room);
        answers.put(part);
        answers.publish();
        has_news_ = true;
        data.remove_prefix(part.size());
    }
    return true;
}

bool Peer::write(std::string_view head, std::string_view data) { return put(head) && put(data); }

void Peer::end() {
    lane_->gate.end(static_cast<uint32_t>(std::min<uint64_t>((nowNs() - began_) / 1000, UINT32_MAX)));
}

void Peer::flush() {
    if (std::exchange(has_news_, false) && worker_.mustBeWoken()) wakeWorker();
}

void Peer::wakeWorker() {
    const uint64_t one = 1;
    while (::write(waker_, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

}  // namespace turnpike::link
