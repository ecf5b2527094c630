#include "socket_stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "scoreboard.h"

namespace turnpike::php {
namespace {

class SocketStream final : public Stream {
 public:
    SocketStream(int fd, const Stop& stop) : fd_(fd), stop_(stop) {
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // fails on a unix socket, which needs none
    }
    // What came after the last request stays unread: the kernel then tells a worker that it was not taken.
    ~SocketStream() override { close(fd_); }
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;

    size_t read(char* to, size_t size) override {
        for (;;) {
            if (stop_.isTold()) return 0;
            ssize_t got = recv(fd_, to, size, 0);
            if (got >= 0) return static_cast<size_t>(got);
            if (errno != EINTR) return 0;
        }
    }

    bool hasInput() override {
        char byte;
        return recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
    }

    bool write(std::string_view head, std::string_view data) override {
        iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                          {const_cast<char*>(data.data()), data.size()}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = 2;
        for (size_t left = head.size() + data.size(); left > 0;) {
            ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR) return false;
            if (sent > 0) left -= advance(message, static_cast<size_t>(sent));
        }
        return true;
    }

    void flush() override {}
    void closing() override {}

 private:
    static size_t advance(msghdr& message, size_t by) {
        for (size_t rest = by, i = 0; i < message.msg_iovlen; ++i) {
            iovec& part = message.msg_iov[i];
            size_t take = rest < part.iov_len ? rest : part.iov_len;
            part.iov_base = static_cast<char*>(part.iov_base) + take;
            part.iov_len -= take;
            rest -= take;
        }
        return by;
    }

    int fd_;
    const Stop& stop_;
};

class SocketAcceptor final : public Acceptor {
 public:
    SocketAcceptor(int listener, const Stop& stop) : listener_(listener), stop_(stop) {}

    std::unique_ptr<Stream> accept() override {
        for (;;) {
            if (stop_.isTold()) return nullptr;
            int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd >= 0) return std::make_unique<SocketStream>(fd, stop_);
            if (errno == EINTR || errno == ECONNABORTED) continue;
            pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
            poll(&ready, 1, errno == EAGAIN ? -1 : 100);  // out of descriptors or memory: try again soon
        }
    }

 private:
    int listener_;
    const Stop& stop_;
};

}  // namespace

SocketTransport::SocketTransport() : listener_(fcntl(0, F_DUPFD_CLOEXEC, 3)) {
    int accepts = 0;
    socklen_t size = sizeof accepts;
    if (listener_ < 0 || getsockopt(listener_, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) != 0 || accepts == 0)
        throw std::system_error(ENOTSOCK, std::generic_category(), "descriptor 0 is no listening socket");
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0) throw std::system_error(errno, std::generic_category(), "/dev/null");
    close(null);
}

SocketTransport::~SocketTransport() { close(listener_); }

std::unique_ptr<Acceptor> SocketTransport::acceptor(unsigned, const Stop& stop) {
    return std::make_unique<SocketAcceptor>(listener_, stop);
}

}  // namespace turnpike::php
