#include "server/tls_links.h"

#include <cerrno>
#include <utility>

#include "net/tls_dialer.h"
#include "os/event.h"

namespace turnpike::server {

uint32_t TlsLink::advance(uint32_t what) {
    if (stage_ == Stage::Connecting) {
        if (const int error = os::socketError(transport_->fd(), os::Class::Backend); error < 0)
            return settle(error);
        stage_ = Stage::Handshake;
    }
    if (stage_ == Stage::Handshake) {
        const int64_t waits = transport_->advance();
        return waits == -EAGAIN ? 0 : settle(waits);
    }
    if (stage_ != Stage::Open) return what;
    if (transport_->wantsToWrite()) transport_->advance();
    return transport_->hasPending() ? what | os::kReadable : what;
}

/// The handshake has come to an end. Its last step may have read more than belongs to it.
uint32_t TlsLink::settle(int64_t error) {
    stage_ = error < 0 ? Stage::Failed : Stage::Open;
    error_ = static_cast<int32_t>(error);
    return os::kReadable | os::kWritable;
}

uint32_t TlsLink::needs() const {
    const bool is_settled = stage_ == Stage::Open && !transport_->wantsToWrite() && !transport_->hasPending();
    return is_settled || stage_ == Stage::Failed ? 0 : os::kReadable | os::kWritable;
}

/// An end that came right behind the bytes is told by no event of the socket.
int64_t TlsLink::read(void* to, size_t size) {
    const int64_t got = transport_->receive(to, size);
    if (got > 0 && transport_->hasEnded() && watcher_ != nullptr) watcher_->watchAgain();
    return got;
}

std::string_view TlsLink::fault() const {
    if (stage_ == Stage::Handshake) return "the TLS handshake has not come to its end";
    return transport_->fault();
}

void TlsLinks::add(int fd, net::TlsDialer& dialer, const std::string& address) {
    if (!scratch_) scratch_ = std::make_unique<net::TlsScratch>();
    const auto at = static_cast<size_t>(fd);
    if (at >= by_fd_.size()) by_fd_.resize(at + 1);
    by_fd_[at] = std::make_unique<TlsLink>(dialer.dial(fd, address, *scratch_));
}

bool TlsLinks::close(int fd) {
    if (find(fd) == nullptr) return false;
    by_fd_[static_cast<size_t>(fd)].reset();
    return true;
}

}  // namespace turnpike::server
