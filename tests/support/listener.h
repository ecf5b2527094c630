// listener.h - a server of a test on a socket of its own: one thread accepts, one thread for each connection.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace turnpike::testing {

/// The connection that a test's server answers on.
class Peer {
 public:
    explicit Peer(int fd) : fd_(fd) {}
    /// False: the other side is gone.
    bool write(std::string_view bytes) const;
    /// Closes when the script returns; `resets`: with a reset.
    void hangUp(bool resets = false);
    /// Says nothing more, and reads on.
    void endSending() const;
    bool hangs_up = false;

 protected:
    int fd_;
};

class Listener {
 public:
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    uint16_t port() const { return port_; }
    /// "unix:/..." or "127.0.0.1:..."
    std::string address() const { return path_.empty() ? "127.0.0.1:" + std::to_string(port_) : "unix:" + path_; }
    /// Closes the listening socket and every connection, as a service that stops; start() again in the same place.
    void stop();
    void start();
    /// On a free port of 127.0.0.1 instead of a unix socket.
    void useTcp();

    std::atomic<unsigned> connections{0}, open{0}, most_open{0};

 protected:
    /// On a free port of 127.0.0.1. Who derives from it calls start() at the end of its constructor and stop() in
    /// its destructor.
    Listener() = default;
    /// On this unix socket instead. Before start().
    void useUnix(std::string path) { path_ = std::move(path); }
    virtual ~Listener() = default;
    /// A connection from its begin to its end, on a thread of its own; `number`: counted from 0.
    virtual void serve(int fd, unsigned number) = 0;
    static void raise(std::atomic<unsigned>& most, unsigned now);

    std::mutex lock_;

 private:
    void listenUnix();
    void listenTcp();
    void acceptAll();

    std::string path_;
    std::vector<int> fds_;
    std::vector<std::thread> threads_;
    std::thread accepter_;
    int listener_ = -1;
    uint16_t port_ = 0;
};

}  // namespace turnpike::testing
