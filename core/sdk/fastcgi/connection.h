// connection.h - a connection to a backend, or a lane of one (lanes.h): one request at a time, written and read as
// the socket lets it. In steady state a request costs one write and one read here. Loop thread only; owned by its
// Backend.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/fastcgi/exchange.h"
#include "sdk/fastcgi/records.h"
#include "sdk/gateway/link.h"

namespace turnpike::fastcgi {

class Backend;
class Pool;
struct Lanes;

class Connection : public gateway::Link<Connection, Pool, Exchange> {
 public:
    /// Takes `fd`. open() must follow.
    Connection(Pool& pool, Backend& backend, Lanes& lanes, int fd)
        : Link(pool, fd), backend_(backend), lanes_(lanes) {}

    /// Takes a request; sends it at once, or as soon as the connection is made.
    void run(Exchange& exchange);
    /// Its request, if the backend has not begun it and never will; null otherwise.
    Exchange* surrender();
    /// The client of its request has left.
    void abandon();
    /// Its request is answered otherwise: the connection, in the middle of an answer, is of no more use.
    void discard();
    /// The next part of the request's body has come.
    void pump();
    /// The client has taken something: read on if reading had paused.
    void resume();
    /// Ends what takes too long.
    void check(uint64_t now);

    Backend& backend() { return backend_; }
    Lanes& lanes() { return lanes_; }
    bool isMade() const { return state_ == State::Idle || state_ == State::Busy; }
    /// The Backend's: it has a request, or is meant for one.
    void setTaken(bool is_taken) { is_taken_ = is_taken; }
    bool isTaken() const { return is_taken_; }
    bool isFree() const { return state_ == State::Idle && !is_taken_; }

 private:
    friend Link;

    void onEvent(uint32_t what);
    void onConnected();
    Exchange& detach();

    void send();
    void flush();
    void readBody();
    void writeFailed();

    Read readOnce();
    bool consume(std::string_view input);
    void hear();
    bool takeOutput(std::string_view data);
    bool deliver();
    void ended(const Event& event, bool is_clean);

    void connectFailed(int error);
    void lost(const std::string& how);
    void untaken();
    void broke(unsigned status, const std::string& cause);
    std::string named(const std::string& what) const;

    Backend& backend_;
    Lanes& lanes_;
    Decoder decoder_;
    bool drained_ = false, is_taken_ = false, has_read_ = false;  // anything at all of this answer
};

}  // namespace turnpike::fastcgi
