// lines.h - the smallest protocol that Pool, Places and Link can carry: a request is one line, and so is its
// answer. The server answers in the test's own thread, when the test says so, and the pool's clock is a number.
#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/scripted.h"
#include "sdk/fake_host.hpp"
#include "sdk/gateway/exchange.h"
#include "sdk/gateway/link.h"
#include "sdk/gateway/places.h"
#include "sdk/gateway/pool.h"
#include "support/temp_folder.h"

namespace turnpike::gateway::test {

class Line;
class Lines;

struct LineExchange : Exchange {
    Line* connection = nullptr;
    std::string line, answer;
    unsigned restarts = 0;

    void restart(BufferPool&) { ++restarts; }
    void release(BufferPool&) {}
};

/// A connection. What it is told or finds is in its LineExchange, and in Lines.
class Line : public Link<Line, Lines, LineExchange> {
 public:
    Line(Lines& pool, int fd) : Link(pool, fd) { ++alive; }
    ~Line() { --alive; }
    static inline int alive = 0;

    void run(LineExchange& exchange);
    void abandon();
    void check(uint64_t now);
    void resume();
    bool isAlive() { return Link::isAlive(); }

 private:
    friend Link;

    void onEvent(uint32_t what);
    void flush();
    Read readOnce();
    void lost(const std::string& how);
    void answered();
};

/// The pool of one backend.
class Lines final : public Pool<LineExchange, Line, PoolRules> {
 public:
    Lines(const Services& services, const PoolRules& rules, tp_worker* worker, tp_backend* handle,
          std::string address);
    ~Lines();

    void enqueue(LineExchange& exchange);
    void dispatch() override;
    void again(LineExchange& exchange, uint64_t ms) { requeueLater(exchange, ms); }
    void rest(Line& connection);
    void drop(Line& connection);
    /// To be looked at in `ms`.
    void lookIn(uint64_t ms) { arm(ms); }

    Places<Line>& places() { return places_; }
    size_t waiting() const { return queue_.size() + later_.size(); }

    // --- set by a test
    size_t read_size = 4096;     // of one read
    bool says_connected = true;  // false: connections are never made
    bool is_paused = false;      // connections do not read before their resume()

    // --- what happened
    unsigned ticks = 0, reads = 0, most_reads = 0, writable = 0;  // most_reads: for one event

 private:
    static void placeChanged(void* self);
    void tick() override;

    Places<Line> places_;
    std::string address_;
};

/// A server of lines on a unix socket.
class LineServer {
 public:
    LineServer();
    ~LineServer();

    std::string address() const { return "unix:" + folder_.path() + "/socket"; }
    /// All lines that have come since the last call, in the order of their connections.
    std::vector<std::string> lines();
    /// Connections are counted from 0.
    void say(size_t connection, std::string_view bytes);
    void close(size_t connection);
    size_t connections();

 private:
    TempFolder folder_;
    int listener_;
    std::vector<int> fds_;
    std::vector<std::string> parts_;
};

class LinesTest : public ::testing::Test {
 protected:
    LinesTest();
    ~LinesTest() override { host.stop(); }

    /// With so many places.
    void load(uint32_t places = 1);
    /// The request whose line is `name`; it is with the pool when this returns.
    fake::Request& begin(const std::string& name);
    LineExchange& exchangeOf(const std::string& name) { return exchanges_.at("/" + name); }
    /// Time passes, and what is due happens.
    void pass(uint64_t ms);
    /// The text of an answer, or status and cause of a failure.
    std::string resultOf(const std::string& name);
    using Sent = std::vector<std::string>;

    LineServer server;
    PoolRules rules;
    testing::Scripted plugin;
    fake::Host host;
    std::unique_ptr<Services> services;
    std::unique_ptr<Lines> pool;
    tp_backend* handle = nullptr;

 private:
    std::map<std::string, LineExchange> exchanges_;
    std::map<std::string, fake::Request*> requests_;
};

}  // namespace turnpike::gateway::test
