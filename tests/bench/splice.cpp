// What handing on a body costs who hands it on: read into user space and sent, or spliced in the kernel. From a
// unix socket, a TCP socket or a pipe, as FastCGI programs, servers behind a proxy and CGI programs answer, to a
// TCP socket. Prints the CPU of the one that hands on, in us for each MiB, and its system calls for each MiB.
// usage: bench_splice unix|tcp|pipe copy|splice MIB PART_KIB
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr size_t kMiB = 1 << 20;
using Ends = std::pair<int, int>;  // to read from, to write to

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::_Exit(1);
}

Ends unixEnds() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) fail("socketpair");
    return {fds[0], fds[1]};
}

Ends pipeEnds() {
    int fds[2];
    if (::pipe(fds) != 0) fail("pipe");
    return {fds[0], fds[1]};
}

Ends tcpEnds() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0), writer = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::bind(listener, where, size) != 0 || ::listen(listener, 1) != 0) fail("listen");
    ::getsockname(listener, where, &size);
    if (::connect(writer, where, size) != 0) fail("connect");
    const int reader = ::accept(listener, nullptr, nullptr);
    ::close(listener);
    return {reader, writer};
}

/// A process that has one end only, writes or reads so much, and fails where that is not all.
void beginWriter(Ends ends, size_t left) {
    if (::fork() != 0) {
        ::close(ends.second);
        return;
    }
    ::close(ends.first);
    std::vector<char> block(64 << 10, 'x');
    while (left > 0) {
        const ssize_t done = ::write(ends.second, block.data(), std::min(left, block.size()));
        if (done <= 0) fail("write");
        left -= static_cast<size_t>(done);
    }
    std::_Exit(0);
}

void beginReader(Ends ends, size_t size) {
    if (::fork() != 0) {
        ::close(ends.first);
        return;
    }
    ::close(ends.second);
    std::vector<char> block(256 << 10);
    size_t seen = 0;
    for (ssize_t got; (got = ::read(ends.first, block.data(), block.size())) > 0;)
        seen += static_cast<size_t>(got);
    std::_Exit(seen == size ? 0 : 1);
}

bool bothEndWell() {
    bool well = true;
    for (int status = 0; ::wait(&status) > 0;) well = well && status == 0;
    return well;
}

/// Each hands on up to a part: how much, 0 at the end. `calls` counts.
class Copy {
 public:
    explicit Copy(size_t part) : block_(part) {}
    size_t handOn(int from, int to, size_t* calls) {
        const ssize_t got = ::read(from, block_.data(), block_.size());
        if (got < 0) fail("read");
        ++*calls;
        for (ssize_t done = 0; done < got; ++*calls) {
            const ssize_t sent = ::send(to, block_.data() + done, static_cast<size_t>(got - done), MSG_NOSIGNAL);
            if (sent < 0) fail("send");
            done += sent;
        }
        return static_cast<size_t>(got);
    }

 private:
    std::vector<char> block_;
};

/// Between two sockets there must be a pipe.
class Splice {
 public:
    Splice(size_t part, bool from_pipe) : part_(part), from_pipe_(from_pipe), pipe_(pipeEnds()) {
        ::fcntl(pipe_.second, F_SETPIPE_SZ, part);
    }
    size_t handOn(int from, int to, size_t* calls) const {
        if (from_pipe_) return move(from, to, part_, calls);
        const size_t got = move(from, pipe_.second, part_, calls);
        for (size_t done = 0; done < got;) done += move(pipe_.first, to, got - done, calls);
        return got;
    }

 private:
    static size_t move(int from, int to, size_t size, size_t* calls) {
        const ssize_t done = ::splice(from, nullptr, to, nullptr, size, SPLICE_F_MOVE);
        if (done < 0) fail("splice");
        ++*calls;
        return static_cast<size_t>(done);
    }
    size_t part_;
    bool from_pipe_;
    Ends pipe_;
};

double cpuUs() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

template <class Way>
size_t handOnAll(Way way, int from, int to) {
    size_t calls = 0;
    while (way.handOn(from, to, &calls) > 0) {
    }
    return calls;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const std::string source = argv[1], how = argv[2];
    const size_t mib = std::strtoul(argv[3], nullptr, 10), part = std::strtoul(argv[4], nullptr, 10) << 10;
    const bool is_pipe = source == "pipe";
    const Ends from = is_pipe ? pipeEnds() : source == "unix" ? unixEnds() : tcpEnds();
    if (is_pipe) ::fcntl(from.second, F_SETPIPE_SZ, part);
    beginWriter(from, mib * kMiB);
    const Ends to = tcpEnds();
    beginReader(to, mib * kMiB);
    const double before = cpuUs();
    const size_t calls = how == "copy" ? handOnAll(Copy(part), from.first, to.second)
                                       : handOnAll(Splice(part, is_pipe), from.first, to.second);
    const double used = cpuUs() - before;
    ::close(to.second);
    if (!bothEndWell()) return 1;
    std::printf("%.1f %.2f\n", used / static_cast<double>(mib),
                static_cast<double>(calls) / static_cast<double>(mib));
    return 0;
}
