#include "test_server.h"

#include <gtest/gtest.h>

namespace turnpike::measure {

TestServer::TestServer(Answer answer, const std::string& address)
    : answer_(std::move(answer)), address_(*os::Address::parse(address)) {
    listener_ = ::socket(address_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto* where = reinterpret_cast<sockaddr*>(&address_.storage);
    EXPECT_EQ(::bind(listener_, where, address_.size), 0);
    EXPECT_EQ(::listen(listener_, 128), 0);
    if (!address_.isUnix()) ::getsockname(listener_, where, &address_.size);
    acceptor_ = std::thread([this] { acceptAll(); });
}

TestServer::~TestServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& thread : threads_) thread.join();
}

Load TestServer::load() const {
    Load load;
    load.address = address_;
    load.host = "test";
    load.paths = {"/page?x=1"};
    load.connections = 3;
    load.duration_ms = 60'000;
    load.most_requests = 100;
    return load;
}

std::vector<std::string> TestServer::requests() const {
    std::lock_guard lock(guard_);
    return requests_;
}

void TestServer::acceptAll() {
    for (int fd; (fd = ::accept(listener_, nullptr, nullptr)) >= 0;)
        threads_.emplace_back([this, fd] { serve(fd); });
}

unsigned TestServer::note(const std::string& request) {
    std::lock_guard lock(guard_);
    requests_.push_back(request);
    return static_cast<unsigned>(requests_.size());
}

void TestServer::serve(int fd) {
    std::string input;
    char buffer[4096];
    for (ssize_t size; (size = ::read(fd, buffer, sizeof buffer)) > 0;) {
        input.append(buffer, static_cast<size_t>(size));
        if (!input.ends_with("\r\n\r\n")) continue;
        std::string reply = answer_(note(input), input);
        input.clear();
        if (reply.empty() || ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
        if (reply.find("Connection: close") != std::string::npos) break;
    }
    ::close(fd);
}

std::string okay(const std::string& body, const std::string& more_fields) {
    return "HTTP/1.1 200 OK\r\n" + more_fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

}  // namespace turnpike::measure
