#include "server/pipes.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/patience.h"

namespace turnpike::server {
namespace {

/// Two ends of a stream; what is written to `far` comes out of `near`.
struct Ends {
    Ends() {
        int fds[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        near = fds[0];
        far = fds[1];
    }
    ~Ends() {
        ::close(near);
        close();
    }
    void close() {
        if (far >= 0) ::close(far);
        far = -1;
    }
    void write(const std::string& text) const {
        EXPECT_EQ(::write(far, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    std::string read() const {
        std::string text(1u << 20, '\0');
        const ssize_t got = ::read(far, text.data(), text.size());
        text.resize(got > 0 ? static_cast<size_t>(got) : 0);
        return text;
    }
    int near = -1, far = -1;
};

size_t openDescriptors() {
    size_t count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
}

}  // namespace

TEST(Pipes, HandOnWhatADescriptorHolds) {
    Pipes pipes{1};
    const Ends from, to;
    net::PlainTransport client(::dup(to.near));
    const PipeLoan pipe = pipes.take();
    ASSERT_NE(pipe, nullptr);
    EXPECT_EQ(pipe->fill(from.near, 100), -EAGAIN);
    from.write("one two three");
    EXPECT_EQ(pipe->fill(from.near, 7), 7);
    EXPECT_EQ(pipe->held(), 7u);
    EXPECT_EQ(pipe->drain(client, false), 7);
    EXPECT_EQ(pipe->held(), 0u);
    EXPECT_EQ(to.read(), "one two");
    EXPECT_EQ(pipe->fill(from.near, SIZE_MAX), 6);
    EXPECT_EQ(pipe->drain(client, true), 6);
    EXPECT_EQ(to.read(), " three");
}

TEST(Pipes, SeeTheEnd) {
    Pipes pipes{1};
    Ends from;
    const PipeLoan pipe = pipes.take();
    ASSERT_NE(pipe, nullptr);
    from.close();
    EXPECT_EQ(pipe->fill(from.near, 100), 0);
    EXPECT_EQ(pipe->held(), 0u);
}

/// Older kernels give a unix socket whatever is spliced to it.
TEST(Pipes, KeepWhatTheClientDoesNotTake) {
    Pipes pipes{1};
    const Ends from;
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::listen(listener, 1), 0);  // on a free port
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(far, reinterpret_cast<sockaddr*>(&address), size), 0);
    net::PlainTransport client(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    std::string bytes(1u << 20, 'f');
    while (::send(client.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
    }
    const PipeLoan pipe = pipes.take();
    ASSERT_NE(pipe, nullptr);
    from.write("later");
    EXPECT_EQ(pipe->fill(from.near, 100), 5);
    EXPECT_EQ(pipe->drain(client, false), -EAGAIN);
    EXPECT_EQ(pipe->held(), 5u);
    bool has_left = false;
    for (Patience patience(std::chrono::seconds(20)); !has_left && patience.lasts();) {
        (void)::recv(far, bytes.data(), bytes.size(), MSG_DONTWAIT);
        has_left = pipe->drain(client, false) == 5;
    }
    EXPECT_TRUE(has_left);
    ::close(far);
    ::close(listener);
}

TEST(Pipes, AreLentAgainUnlessSomethingLiesInThem) {
    const size_t before = openDescriptors();
    {
        Pipes pipes{1};
        const Ends from;
        pipes.take();
        const size_t with_one = openDescriptors();
        for (int i = 0; i < 10; ++i) EXPECT_NE(pipes.take(), nullptr);
        EXPECT_EQ(openDescriptors(), with_one) << "the same one";
        PipeLoan pipe = pipes.take();
        from.write("what its client never took");
        EXPECT_GT(pipe->fill(from.near, 100), 0);
        pipe.reset();
        EXPECT_EQ(openDescriptors(), with_one - 2) << "its bytes are not the next client's";
        pipe = pipes.take();
        EXPECT_EQ(pipe->held(), 0u);
    }
    EXPECT_EQ(openDescriptors(), before);
}

TEST(Pipes, AreNotLentWithoutEnd) {
    Pipes pipes{1};
    std::vector<PipeLoan> lent;
    while (PipeLoan pipe = pipes.take()) lent.push_back(std::move(pipe));
    EXPECT_LE(lent.size(), pipes.most());
    EXPECT_GT(lent.size(), 0u);
    lent.pop_back();
    EXPECT_NE(pipes.take(), nullptr);
    EXPECT_LT(Pipes(8).most(), pipes.most()) << "workers share what one user may have";
    EXPECT_GT(Pipes(10'000).most(), 0u);
    EXPECT_EQ(Pipes(0).take(), nullptr);
}

}  // namespace turnpike::server
