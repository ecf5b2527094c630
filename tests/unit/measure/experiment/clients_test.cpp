#include "measure/experiment/clients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "os/socket.h"

namespace turnpike::measure {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// Takes one client after the other, reads until it has a whole head or the client leaves, answers and closes.
class PlainServer {
 public:
    explicit PlainServer(std::string answer) : answer_(std::move(answer)) {
        auto any = os::Address::parse("127.0.0.1:0");
        listener_ = std::move(*os::listen(*any, 64));
        os::localAddress(listener_.get(), os::Class::Listen, &address);
        thread_ = std::thread([this] { serve(); });
    }
    ~PlainServer() {
        is_over_ = true;
        thread_.join();
    }

    /// What each client sent, as it came: one text for each time that something could be read.
    std::vector<std::vector<std::string>> clients() {
        const std::lock_guard lock(mutex_);
        return clients_;
    }
    os::Address address;

 private:
    void serve() {
        while (!is_over_) {
            pollfd waiting{listener_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, 10) != 1) continue;
            const int fd = ::accept(listener_.get(), nullptr, nullptr);
            if (fd >= 0) serveOne(fd);
        }
    }
    void serveOne(int fd) {
        std::vector<std::string> parts;
        std::string all;
        char buffer[1000];
        ssize_t size = 0;
        while (all.find("\r\n\r\n") == all.npos && (size = ::recv(fd, buffer, sizeof buffer, 0)) > 0) {
            parts.emplace_back(buffer, static_cast<size_t>(size));
            all += parts.back();
        }
        if (!all.empty()) (void)!::send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        {
            const std::lock_guard lock(mutex_);
            clients_.push_back(parts);
        }
        ::close(fd);
    }

    std::string answer_;
    os::Fd listener_;
    std::mutex mutex_;
    std::vector<std::vector<std::string>> clients_;
    std::atomic<bool> is_over_ = false;
    std::thread thread_;
};

constexpr const char* kGood = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

Load loadOn(const PlainServer& server, uint64_t most) {
    Load load;
    load.address = server.address;
    load.paths = {"/a"};
    load.connections = 1;
    load.duration_ms = 60'000;
    load.most_requests = most;
    return load;
}

TEST(Clients, FastOnesSendTheWholeHeadAtOnce) {
    PlainServer server(kGood);
    const LoadOutcome outcome = runClients(Behaviour::Fast, loadOn(server, 3));
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 3u);
    EXPECT_EQ(outcome.connects, 3u);
    EXPECT_EQ(outcome.latency_ns.count(), 3u);
    EXPECT_THAT(server.clients(), SizeIs(3));
    EXPECT_THAT(server.clients(), Each(testing::ElementsAre("GET /a HTTP/1.0\r\n\r\n")));
}

TEST(Clients, SlowOnesSendByteAfterByte) {
    PlainServer server(kGood);
    const LoadOutcome outcome = runClients(Behaviour::Slow, loadOn(server, 1));
    EXPECT_EQ(outcome.requests, 1u);
    const auto clients = server.clients();
    ASSERT_THAT(clients, SizeIs(1));
    std::string all;
    for (const std::string& part : clients.front()) all += part;
    EXPECT_EQ(all, "GET /a HTTP/1.0\r\n\r\n");
    EXPECT_GT(clients.front().size(), 2u);  // a busy machine may join some
}

TEST(Clients, SplitOnesSendTwoParts) {
    PlainServer server(kGood);
    ASSERT_EQ(runClients(Behaviour::Split, loadOn(server, 2)).requests, 2u);
    for (const auto& parts : server.clients()) {
        std::string all;
        for (const std::string& part : parts) all += part;
        EXPECT_EQ(all, "GET /a HTTP/1.0\r\n\r\n");
        EXPECT_LE(parts.size(), 2u);
    }
}

TEST(Clients, AbandonedOnesSendNothingAndAreCounted) {
    PlainServer server(kGood);
    const LoadOutcome outcome = runClients(Behaviour::Abandoned, loadOn(server, 4));
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 4u);
    EXPECT_THAT(server.clients(), SizeIs(4));
    EXPECT_THAT(server.clients(), Each(IsEmpty()));
}

TEST(Clients, GarbageNeedsNoPage) {
    PlainServer server("HTTP/1.1 400 Bad Request\r\n\r\n");
    const LoadOutcome outcome = runClients(Behaviour::Garbage, loadOn(server, 2));
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 2u);
    for (const auto& parts : server.clients()) EXPECT_THAT(parts.front(), StartsWith("\x16\x03\x01"));
}

TEST(Clients, EndAtTheFirstAnswerThatIsNoPage) {
    PlainServer server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    const LoadOutcome outcome = runClients(Behaviour::Fast, loadOn(server, 5));
    EXPECT_THAT(outcome.failure, HasSubstr("503"));
    EXPECT_EQ(outcome.requests, 0u);
}

TEST(Clients, SayWhenNobodyListens) {
    Load load;
    {
        PlainServer server(kGood);
        load = loadOn(server, 1);
    }
    EXPECT_THAT(runClients(Behaviour::Fast, load).failure, HasSubstr("cannot connect"));
}

}  // namespace
}  // namespace turnpike::measure
