#include "support/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

namespace turnpike::testing {

bool Peer::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

void Peer::hangUp(bool resets) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    if (resets) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    hangs_up = true;
}

void Peer::endSending() const { ::shutdown(fd_, SHUT_WR); }

void Listener::raise(std::atomic<unsigned>& most, unsigned now) {
    for (unsigned old = most; old < now && !most.compare_exchange_weak(old, now);) continue;
}

void Listener::useTcp() {
    stop();
    path_.clear();
    start();
}

void Listener::start() {
    path_.empty() ? listenTcp() : listenUnix();
    accepter_ = std::thread([this] { acceptAll(); });
}

void Listener::listenTcp() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) < 0 || ::listen(listener_, 64) < 0)
        std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

void Listener::listenUnix() {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
        ::listen(listener_, 64) < 0)
        std::abort();
    ::chmod(path_.c_str(), 0666);  // workers of a server started as root are somebody else
}

void Listener::stop() {
    if (listener_ < 0) return;
    if (!path_.empty()) ::unlink(path_.c_str());
    ::shutdown(listener_, SHUT_RDWR);
    accepter_.join();
    ::close(listener_);
    listener_ = -1;
    {
        std::lock_guard hold(lock_);
        for (int fd : fds_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Listener::acceptAll() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        std::lock_guard hold(lock_);
        fds_.push_back(fd);
        raise(most_open, ++open);
        threads_.emplace_back([this, fd, number = connections++] {
            serve(fd, number);
            std::lock_guard erase(lock_);
            std::erase(fds_, fd);
            ::close(fd);
            --open;
        });
    }
}

}  // namespace turnpike::testing
