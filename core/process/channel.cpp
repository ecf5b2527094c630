#include "process/channel.h"

#include <array>

#include "os/local.h"
#include "os/socket.h"

namespace turnpike::process {
namespace {
using ledger::Class;
/// One message at a time is looked at, and the server's own processes have one thread.
std::array<char, kMostMessage> buffer;
}  // namespace

Channel::Channel(Reactor& reactor, os::Fd fd, Received received)
    : reactor_(reactor), fd_(std::move(fd)), received_(std::move(received)) {
    rewatch();
}

Channel::~Channel() { reactor_.unwatch(fd_.get()); }

void Channel::rewatch() {
    uint32_t what = os::kReadable | (waiting_.empty() ? 0 : os::kWritable);
    reactor_.watch(fd_.get(), what, [this](uint32_t ready) { onEvent(ready); });
}

void Channel::onEvent(uint32_t what) {
    if ((what & os::kWritable) != 0) flush();
    if ((what & (os::kReadable | os::kHangup)) != 0) receive();  // may destroy this
}

void Channel::receiveArrived() {
    while (receive()) {
    }
}

/// False when nothing was there but perhaps the peer's end.
bool Channel::receive() {
    int got[8];
    size_t count = 0;
    int64_t size = os::recvMessage(fd_.get(), buffer.data(), buffer.size(), got, &count, Class::Spawn);
    if (size == -EAGAIN) return false;
    std::vector<os::Fd> fds;
    for (size_t i = 0; i < count; ++i) fds.emplace_back(got[i], Class::Spawn);
    if (size <= 0) reactor_.unwatch(fd_.get());
    auto received = received_;  // outlives this
    received({buffer.data(), static_cast<size_t>(size > 0 ? size : 0)}, fds);
    return size > 0;
}

bool Channel::trySend(const std::string& bytes, int fd) {
    int64_t sent = os::sendMessage(fd_.get(), bytes.data(), bytes.size(), &fd, fd >= 0 ? 1 : 0, Class::Spawn);
    return sent != -EAGAIN;  // any other failure: the peer is gone, which receive() finds out
}

bool Channel::send(std::string bytes, int fd) {
    if (bytes.size() > kMostMessage) return false;
    if (waiting_.empty() && trySend(bytes, fd)) return true;
    waiting_.push_back({std::move(bytes), os::Fd(fd >= 0 ? os::duplicate(fd, Class::Spawn) : -1, Class::Spawn)});
    if (waiting_.size() == 1) rewatch();
    return true;
}

void Channel::flush() {
    while (!waiting_.empty() && trySend(waiting_.front().bytes, waiting_.front().fd.get())) waiting_.pop_front();
    if (waiting_.empty()) rewatch();
}

}  // namespace turnpike::process
