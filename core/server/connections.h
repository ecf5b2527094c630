// connections.h - the connections of a worker and the listeners they come from: limits, eviction, draining. Loop
// thread only.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/tls_server.h"
#include "os/socket.h"
#include "server/connection.h"
#include "server/http1_turn.h"
#include "server/proxy_preface.h"
#include "server/rarely.h"
#include "server/worker.h"

namespace turnpike::server {

class Runtime;

class Connections {
 public:
    explicit Connections(Runtime& runtime);
    ~Connections();
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    /// Before the first listen() that says TLS.
    void speakTls(net::TlsServer& server) { tls_ = &server; }
    /// 0 or -errno. The descriptor is closed by drain(), and with the process otherwise.
    int listen(const Listener& listener);
    /// No new connections; those there are end after their request. `drained` is called once none is left.
    void drain(void (*drained)(void*), void* arg);
    size_t count() const { return count_; }

    // From the connections.
    /// A handshake is over: done, or `fault` says why not.
    void onHandshake(const Http1& connection, std::string_view fault);
    void busy(Connection& connection);
    /// `by` goes on in the place of `connection`, which has no request under way and is deleted.
    void replace(Connection& connection, Connection& by);
    void idle(Connection& connection);
    void remove(Connection& connection);
    Http1Turns& turns() { return turns_; }

 private:
    class Acceptor;
    struct List {
        Connection* first = nullptr;
        Connection* last = nullptr;
        void append(Connection& c);
        void take(Connection& c);
    };

    /// Where a connection was accepted whose PROXY header has not come yet.
    struct Greeted {
        os::Address local;
        bool tls;
    };

    void tell(Rarely& rarely, int32_t level, const std::string& message);
    void greet(int fd, const Acceptor& from, const os::Address& remote);
    static void greeted(void* self, ProxyPreface& preface, const net::ProxyHeader* header);
    void removed();
    bool accept(const Acceptor& from);
    void admit(int fd, const os::Address& remote, const os::Address& local, bool is_tls, bool by_proxy);
    bool isTrusted(const os::Address& address) const;
    bool evict();
    bool evictAtLimit();
    bool makeRoomFor(const std::string& network);
    void forget(Connection& connection);

    Runtime& runtime_;
    Http1Turns turns_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    List idle_, busy_;
    std::map<std::string, std::vector<Connection*>> by_network_;  // in the order of coming; when there is a limit
    std::map<ProxyPreface*, Greeted> prefaces_;                   // they count as connections
    os::Fd reserve_;                                              // given up for a moment when descriptors run out
    size_t count_ = 0;
    net::TlsServer* tls_ = nullptr;
    Rarely exhaustion_, faults_, crowds_, greedy_;
    bool draining_ = false;
    void (*drained_)(void*) = nullptr;
    void* drained_arg_ = nullptr;
};

}  // namespace turnpike::server
