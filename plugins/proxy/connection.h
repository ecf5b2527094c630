// connection.h - a connection to an upstream: one request at a time, written and read as the socket lets it. Loop
// thread only; owned by its Target.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange.h"
#include "sdk/gateway/link.h"

namespace turnpike::proxy {

class Pool;
class Target;

class Connection : public gateway::Link<Connection, Pool, Exchange> {
 public:
    /// Takes `fd`. open() must follow.
    Connection(Pool& pool, Target& target, int fd) : Link(pool, fd), target_(target) {}

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
    friend Link;

    void onEvent(uint32_t what);
    void onConnected();

    void send();
    void flush();
    void readBody();
    void writeFailed();

    Read readOnce();
    bool mayPass() const;
    Read pass();
    void closedByPeer(int64_t result);
    bool take(gateway::Buffer& buffer, size_t fresh);
    bool takeHead(gateway::Buffer& buffer, std::string_view& rest);
    bool handOnInterim();
    bool switchProtocol();
    bool takeBody(std::string_view rest);
    bool deliver();
    bool start(Exchange& exchange);
    void handOn(Exchange& exchange);
    void ended(bool is_clean);
    void clientEnded();
    bool upstreamEnded();
    void passEnd();
    void endTunnel();

    void connectFailed(int error);
    std::string reasonOf(int error) const;
    void lost(const std::string& how);
    void broke(unsigned status, const std::string& cause);
    std::string named(const std::string& what) const;
    uint64_t gapMs() const;
    void stopWaiting(uint64_t now);

    Target& target_;
};

}  // namespace turnpike::proxy
