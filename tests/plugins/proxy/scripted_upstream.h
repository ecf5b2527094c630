// scripted_upstream.h - an HTTP server that says exactly what a test wants, right or wrong. One thread accepts,
// one thread for each connection; its own reading of the protocol, apart from the code under test.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace turnpike::proxy::test {

/// A whole good answer.
std::string goodAnswer(std::string_view text, std::string_view fields = "");

/// A request as it came.
struct Seen {
    std::string line, head;                     // request line; all of the head
    std::map<std::string, std::string> fields;  // lower-case names; repeated ones joined with ", "
    std::string body;
    unsigned connection = 0;  // counted from 0
    std::string field(const std::string& name) const {
        auto at = fields.find(name);
        return at == fields.end() ? "(none)" : at->second;
    }
};

/// The connection that a script answers on.
class Peer {
 public:
    explicit Peer(int fd) : fd_(fd) {}
    /// False: the other side is gone.
    bool write(std::string_view bytes) const;
    /// Closes when the script returns; `resets`: with a reset.
    void hangUp(bool resets = false);
    /// Some bytes, empty at the end of the connection.
    std::string read();
    /// Until `end` has come, or the connection has ended.
    std::string readUntil(std::string_view end);
    /// Exactly so many, or fewer when the connection ended.
    std::string readExactly(size_t size);
    /// Waits until the other side has closed.
    void waitForEnd();
    bool hangs_up = false;

 private:
    bool fill();
    int fd_;
    std::string buffer_;
};

class ScriptedUpstream {
 public:
    using Script = std::function<void(Peer&, const Seen&)>;

    /// On a free port of 127.0.0.1. By default each request gets "hello".
    explicit ScriptedUpstream(Script script = {});
    ~ScriptedUpstream();
    ScriptedUpstream(const ScriptedUpstream&) = delete;
    ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;

    uint16_t port() const { return port_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    void setScript(Script script);
    /// The script runs when the head is there, and reads the body itself.
    void leaveBody() { leaves_body_ = true; }
    /// Closes the listening socket and every connection, as a service that stops; start() again on the same port.
    void stop();
    void start();

    std::atomic<unsigned> connections{0}, requests{0}, open{0}, most_open{0};
    std::vector<Seen> seen();
    Seen lastSeen() { return seen().back(); }

 private:
    void acceptAll();
    void serve(int fd, unsigned number);
    bool readRequest(Peer& peer, Seen& seen) const;

    std::mutex lock_;
    Script script_;
    std::vector<Seen> seen_;
    std::vector<int> fds_;
    std::vector<std::thread> threads_;
    std::thread accepter_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::atomic<bool> leaves_body_{false};
};

}  // namespace turnpike::proxy::test
