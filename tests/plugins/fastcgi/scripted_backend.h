// scripted_backend.h - a FastCGI backend that says exactly what a test wants, right or wrong. One thread accepts,
// one thread for each connection; its own reading of the protocol, apart from the code under test.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace turnpike::fastcgi::test {

/// A record's bytes.
std::string record(unsigned type, std::string_view content, unsigned id = 1, unsigned version = 1,
                   unsigned padding = 0);
std::string endRecord(unsigned status = 0, unsigned app_status = 0, unsigned id = 1);
/// A whole good answer.
std::string goodAnswer(std::string_view text);

/// A request as it came.
struct Seen {
    std::map<std::string, std::string> params;
    std::string body;
    bool keep = false;
    unsigned connection = 0;  // counted from 0
};

/// The connection that a script answers on.
class Peer {
 public:
    explicit Peer(int fd) : fd_(fd) {}
    /// False: the other side is gone.
    bool write(std::string_view bytes);
    /// Closes when the script returns.
    void hangUp() { hangs_up = true; }
    /// The next record's type, or -1 at the end of the connection, or -2 when `ms` have passed.
    int waitRecord(int ms);
    bool hangs_up = false;

    bool readRecord(unsigned& type, std::string& content);

 private:
    bool readExactly(char* to, size_t size);
    int fd_;
};

class ScriptedBackend {
 public:
    using Script = std::function<void(Peer&, const Seen&)>;

    explicit ScriptedBackend(Script script = {});
    /// On a free port instead of a unix socket.
    void useTcp();
    ~ScriptedBackend();

    /// "unix:/..." or "127.0.0.1:..."
    std::string address() const { return port_ > 0 ? "127.0.0.1:" + std::to_string(port_) : "unix:" + path_; }
    void setScript(Script script);
    /// Closes the listening socket and every connection, as a service that stops; start() again.
    void stop();
    void start();

    std::atomic<unsigned> connections{0}, requests{0}, open{0}, most_open{0}, busy{0}, most_busy{0};
    std::vector<Seen> seen();

 private:
    void listenUnix();
    void listenTcp();
    void acceptAll();
    void serve(int fd, unsigned number);
    bool readRequest(Peer& peer, Seen& seen);

    std::string folder_, path_;
    std::mutex lock_;
    Script script_;
    std::vector<Seen> seen_;
    std::vector<int> fds_;
    std::vector<std::thread> threads_;
    std::thread accepter_;
    int listener_ = -1;
    uint16_t port_ = 0;
    bool is_tcp_ = false;
};

}  // namespace turnpike::fastcgi::test
