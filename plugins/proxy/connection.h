// connection.h - a connection to an upstream: one request at a time, written and read as the socket lets it. The
// watch stays in place and there is no timer of its own. Loop thread only; owned by its Target.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange.h"

namespace turnpike::proxy {

class Pool;
class Target;

class Connection {
 public:
    /// Takes `fd`. open() must follow.
    Connection(Pool& pool, Target& target, int fd) : pool_(pool), target_(target), fd_(fd) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Begins to watch; 0 or -errno. `is_connected`: the connection is made already.
    int open(bool is_connected);
    /// Unwatches and closes; after it the object only waits to be destroyed.
    void close(tp_request* payer);

    /// Takes a request; sends it at once, or as soon as the connection is made.
    void run(Exchange& exchange);
    /// The client of its request has left.
    void abandon();
    /// The next part of the request's body has come.
    void pump();
    /// The client has taken something: read on if reading had paused.
    void resume();
    /// Ends what takes too long.
    void check(uint64_t now);

    Target& target() { return target_; }

 private:
    enum class State : uint8_t { Connecting, Idle, Busy, Closed };
    enum class Read : uint8_t { Drained, More, Over };

    static void ready(void* self, uint32_t what);
    void onEvent(uint32_t what);
    void onConnected();
    int watch(uint32_t events);
    tp_request* payer() const { return exchange_ != nullptr ? exchange_->request : nullptr; }
    Exchange& detach();

    void send();
    void flush();
    bool stopWritingEvents();
    void readBody();
    void writeFailed();
    bool isAlive();

    void readAll(bool hangup);
    static void readOn(void* self);
    Read readOnce();
    void closedByPeer(int64_t result);
    bool take(gateway::Buffer& buffer, size_t fresh);
    bool takeHead(gateway::Buffer& buffer, std::string_view& rest);
    bool switchProtocol();
    bool takeBody(std::string_view rest);
    bool deliver();
    bool start(Exchange& exchange);
    void handOn(Exchange& exchange);
    void ended(bool is_clean);
    void endTunnel();

    void connectFailed(int error);
    void lost(const std::string& how);
    void broke(unsigned status, const std::string& cause);
    std::string named(const std::string& what) const;
    uint64_t gapMs() const;
    void stopWaiting(uint64_t now);

    Pool& pool_;
    Target& target_;
    int fd_;
    tp_watch* watch_ = nullptr;
    tp_timer* later_ = nullptr;  // reading goes on when it fires
    Exchange* exchange_ = nullptr;
    uint64_t deadline_ = 0;  // or, while idle, when it is given up
    uint32_t served_ = 0;
    State state_ = State::Connecting;
    bool waits_to_write_ = false, paused_ = false, hangup_ = false, heard_ = false;  // heard_: the answer began
};

}  // namespace turnpike::proxy
