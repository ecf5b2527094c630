// The floor: what a web server cannot go below on this machine. One thread, one epoll, and for each request one
// recv and one send of a fixed 1 KiB response. It parses nothing, so whatever a server costs more is the server's
// own. usage: bench_floor PORT
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "listener.h"

namespace {

std::string fixedResponse() {
    std::string head =
        "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
        "ETag: \"0123456789abcdef\"\r\nLast-Modified: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Length: "
        "1024\r\n\r\n";
    return head.append(1024, 'x');
}

void watch(int poller, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

void acceptAll(int poller, int listener) {
    for (int fd; (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) watch(poller, fd);
}

/// A load generator sends one whole request at a time, so one recv is one request.
void answer(int fd, const std::string& response) {
    char buffer[4096];
    if (::recv(fd, buffer, sizeof buffer, 0) <= 0) {
        ::close(fd);
        return;
    }
    if (::send(fd, response.data(), response.size(), MSG_NOSIGNAL) < 0) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    int listener = listenOn(static_cast<uint16_t>(std::atoi(argv[1])));
    int poller = ::epoll_create1(0);
    watch(poller, listener);
    const std::string response = fixedResponse();
    epoll_event events[128];
    for (;;) {
        int count = ::epoll_wait(poller, events, 128, -1);
        for (int i = 0; i < count; ++i) {
            if (events[i].data.fd == listener)
                acceptAll(poller, listener);
            else
                answer(events[i].data.fd, response);
        }
    }
}
