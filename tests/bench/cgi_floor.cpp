// The floor of CGI: what starting a program for each request cannot go below on this machine. One thread, one
// epoll, for each request a pipe, vfork and exec, its output up to the end, its exit status, one send. No other
// user, no limits, no standard error, no look for the script; so whatever a server costs more is the server's own.
// usage: bench_cgi_floor PORT PROGRAM
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "listener.h"

namespace {

struct Watched {
    int fd;
    int client = -1;  // of a program's output: who waits for it
    pid_t program = -1;
    std::string output = {};
};

int poller, empty_input;

void watch(int fd, Watched* whose) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = whose;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

/// A program that is being started still holds a copy of what is closed here, so closing alone would not do.
void forget(Watched* watched) {
    ::epoll_ctl(poller, EPOLL_CTL_DEL, watched->fd, nullptr);
    ::close(watched->fd);
    delete watched;
}

void acceptAll(int listener) {
    for (int fd; (fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        watch(fd, new Watched{fd});
}

pid_t start(const char* program, int output) {
    static char* environment[] = {const_cast<char*>("GATEWAY_INTERFACE=CGI/1.1"),
                                  const_cast<char*>("REQUEST_METHOD=GET"),
                                  const_cast<char*>("SERVER_PROTOCOL=HTTP/1.1"), nullptr};
    char* const arguments[] = {const_cast<char*>(program), nullptr};
    // NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork): nothing is cheaper
    const pid_t pid = ::vfork();
    if (pid != 0) return pid;
    ::dup2(empty_input, 0);
    ::dup2(output, 1);
    ::execve(program, arguments, environment);
    ::_exit(127);
    // NOLINTEND(clang-analyzer-security.insecureAPI.vfork, clang-analyzer-unix.Vfork)
}

/// A load generator sends one whole request at a time.
void takeRequest(Watched* client, const char* program) {
    char buffer[4096];
    int ends[2];
    if (::recv(client->fd, buffer, sizeof buffer, 0) <= 0) return forget(client);
    if (::pipe2(ends, O_CLOEXEC) != 0) std::exit(1);
    const pid_t pid = start(program, ends[1]);
    ::close(ends[1]);
    watch(ends[0], new Watched{ends[0], client->fd, pid});
}

void answer(const Watched& job) {
    int status;
    ::waitpid(job.program, &status, 0);
    const size_t head = job.output.find("\n\n") + 2;
    if (head < 2 || status != 0) std::exit(1);
    const std::string text =
        "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: " +
        std::to_string(job.output.size() - head) + "\r\n\r\n" + job.output.substr(head);
    ::send(job.client, text.data(), text.size(), MSG_NOSIGNAL);
}

void takeOutput(Watched* job) {
    char buffer[65536];
    const ssize_t got = ::read(job->fd, buffer, sizeof buffer);
    if (got > 0) {
        job->output.append(buffer, static_cast<size_t>(got));
        return;
    }
    answer(*job);
    forget(job);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int listener = listenOn(static_cast<uint16_t>(std::atoi(argv[1])));
    poller = ::epoll_create1(EPOLL_CLOEXEC);
    empty_input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    watch(listener, nullptr);
    epoll_event event;  // one at a time: the next may be of what this one ended
    while (::epoll_wait(poller, &event, 1, -1) >= 0) {
        auto* watched = static_cast<Watched*>(event.data.ptr);
        if (watched == nullptr)
            acceptAll(listener);
        else if (watched->client < 0)
            takeRequest(watched, argv[2]);
        else
            takeOutput(watched);
    }
    return 1;
}
