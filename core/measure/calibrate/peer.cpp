#include "measure/calibrate/peer.h"

#include <csignal>
#include <cstring>
#include <utility>

#include "os/machine.h"
#include "os/process.h"

namespace turnpike::measure {

Result<Peer> Peer::start(unsigned processor, const std::function<void()>& serve) {
    const pid_t parent = os::ownPid();
    const pid_t pid = os::fork();
    if (pid < 0) return Error{-pid, std::string("cannot fork: ") + std::strerror(-pid)};
    if (pid > 0) return Peer(pid);
    if (os::endWithParent(parent, 0) == 0 && os::runOn({processor}) == 0) serve();
    os::exitNow(1);
}

Peer::Peer(Peer&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

Peer& Peer::operator=(Peer&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
}

Peer::~Peer() {
    if (pid_ == 0) return;
    os::kill(pid_, SIGKILL);
    os::Ended ended{};
    os::waitFor(pid_, &ended);
}

}  // namespace turnpike::measure
