#include "measure/load_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace turnpike::measure {
namespace {

/// A server of one thread per connection that answers every request by `answer`; an empty answer: it closes.
class Server {
 public:
    using Answer = std::function<std::string(unsigned request)>;
    explicit Server(Answer answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        address_ = *os::Address::parse("127.0.0.1:0");
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address_.storage), address_.size), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address_.storage), &address_.size);
        acceptor_ = std::thread([this] { acceptAll(); });
    }
    ~Server() {
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        ::close(listener_);
        for (std::thread& thread : threads_) thread.join();
    }
    Load load() const {
        Load load;
        load.address = address_;
        load.host = "test";
        load.path = "/page?x=1";
        load.connections = 3;
        load.duration_ms = 2000;
        load.most_requests = 100;
        return load;
    }
    std::string first_request_;

 private:
    void acceptAll() {
        for (int fd; (fd = ::accept(listener_, nullptr, nullptr)) >= 0;)
            threads_.emplace_back([this, fd] { serve(fd); });
    }
    void serve(int fd) {
        std::string input;
        char buffer[4096];
        for (ssize_t size; (size = ::read(fd, buffer, sizeof buffer)) > 0;) {
            input.append(buffer, static_cast<size_t>(size));
            if (!input.ends_with("\r\n\r\n")) continue;
            unsigned number = ++requests_;
            if (number == 1) first_request_ = input;
            input.clear();
            std::string reply = answer_(number);
            if (reply.empty() || ::write(fd, reply.data(), reply.size()) < 0) break;
            if (reply.find("Connection: close") != std::string::npos) break;
        }
        ::close(fd);
    }

    Answer answer_;
    int listener_ = -1;
    os::Address address_;
    std::atomic<unsigned> requests_ = 0;
    std::thread acceptor_;
    std::vector<std::thread> threads_;
};

TEST(LoadClient, MakesExactlyTheRequestsAskedFor) {
    Server server([](unsigned) { return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"; });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_EQ(outcome.latency_ns.count(), 100u);
    EXPECT_EQ(outcome.connects, 3u);
    EXPECT_EQ(outcome.shortest_body, 5u);
    EXPECT_EQ(outcome.longest_body, 5u);
    EXPECT_TRUE(server.first_request_.starts_with("GET /page?x=1 HTTP/1.1\r\nHost: test\r\n"));
}

TEST(LoadClient, EndsWhenItsTimeIsOver) {
    Server server([](unsigned) { return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; });
    Load load = server.load();
    load.most_requests = UINT64_MAX;
    load.duration_ms = 50;
    LoadOutcome outcome = runLoad(load);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_GT(outcome.requests, 0u);
    EXPECT_GE(outcome.elapsed_ns, 50'000'000u);
}

TEST(LoadClient, ConnectsAgainWhenTheServerClosesPolitely) {
    Server server([](unsigned n) {
        return n % 10 == 0 ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
                           : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_GE(outcome.connects, 10u);
}

TEST(LoadClient, ReadsABodyThatEndsByClosing) {
    Server server([](unsigned) {
        std::string reply = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        return reply.append(200'000, 'x');
    });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.requests, 100u);
    EXPECT_EQ(outcome.shortest_body, 200'000u);
}

TEST(LoadClient, StopsAtTheFirstWrongAnswer) {
    Server server([](unsigned n) {
        return n == 20 ? "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
                       : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    });
    LoadOutcome outcome = runLoad(server.load());
    EXPECT_EQ(outcome.failure, "status 502");
    EXPECT_LT(outcome.requests, 100u);
}

TEST(LoadClient, SaysThatTheServerClosedWithoutAnAnswer) {
    Server server([](unsigned) { return std::string(); });
    EXPECT_EQ(runLoad(server.load()).failure, "the server closed without an answer");
}

TEST(LoadClient, GivesUpOnASilentServer) {
    Server server([](unsigned) { return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"; });
    Load load = server.load();
    load.silence_ms = 50;
    EXPECT_EQ(runLoad(load).failure, "no answer within 50 ms");
}

TEST(LoadClient, SaysWhereItCouldNotConnect) {
    Load load;
    load.address = *os::Address::parse("127.0.0.1:1");
    load.path.assign(1, '/');
    EXPECT_EQ(runLoad(load).failure, "cannot connect to 127.0.0.1:1: Connection refused");
}

}  // namespace
}  // namespace turnpike::measure
