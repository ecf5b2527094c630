// test_server.h - a server of one thread per connection that answers as a test wants it.
#pragma once
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "measure/load/load.h"
#include "os/socket.h"

namespace turnpike::measure {

class TestServer {
 public:
    /// Given the number of the request (from 1) and the request; an empty answer: the server closes. Called by
    /// several threads at once.
    using Answer = std::function<std::string(unsigned number, const std::string& request)>;

    explicit TestServer(Answer answer, const std::string& address = "127.0.0.1:0");
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    /// A hundred requests over three connections.
    Load load() const;
    std::vector<std::string> requests() const;

 private:
    void acceptAll();
    void serve(int fd);
    unsigned note(const std::string& request);

    Answer answer_;
    os::Address address_;
    int listener_;
    mutable std::mutex guard_;
    std::vector<std::string> requests_;
    std::thread acceptor_;
    std::vector<std::thread> threads_;
};

/// A whole answer with this body.
std::string okay(const std::string& body, const std::string& more_fields = "");

}  // namespace turnpike::measure
