// connection.h - what the connections of a worker have in common, whatever protocol they speak: whom they are
// with, and their place in the lists of their owner. Loop thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/shared.h"
#include "net/loop.h"
#include "net/transport.h"
#include "os/socket.h"
#include "server/stream.h"

namespace turnpike::server {

class Connections;
class Runtime;

/// So much of a body that nobody has read is read and dropped, for the connection to go on; more costs the client
/// more than a new one.
inline constexpr uint64_t kMostDrained = 256u << 10;

/// Both ends of a connection, as text.
struct Ends {
    Ends(const os::Address& remote_address, const os::Address& local_address, bool told_by_proxy)
        : remote(remote_address.host()),
          local(local_address.host()),
          network(remote_address.network()),
          remote_port(remote_address.port()),
          local_port(local_address.port()),
          by_proxy(told_by_proxy) {}
    std::string remote, local, network;
    uint16_t remote_port, local_port;
    bool by_proxy;  // a header of the PROXY protocol has told them
};

class Connection {
 public:
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The worker is going: no further request after those that are running or on their way.
    virtual void drain() = 0;
    /// Ends it at once; running requests are aborted.
    virtual void close() = 0;

    const Peer& peer() const { return peer_; }
    const std::string& network() const { return ends_.network; }
    /// In its owner's list of those with a request under way.
    bool isListedBusy() const { return listed_busy_; }
    /// What it is counted as from here on.
    void enter(ledger::ConnectionState state);

    // The list of its owner: connections in the order in which they became idle.
    Connection* list_previous = nullptr;
    Connection* list_next = nullptr;

 protected:
    Connection(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends,
               std::string_view protocol);
    /// How long it may wait for its next request; less when nearly all connections are in use.
    uint64_t idleMs() const;
    void listBusy(ledger::ConnectionState as);
    void listIdle(ledger::ConnectionState as);
    ledger::ConnectionState countedAs() const { return counted_as_; }

    enum class Discard : uint8_t { Nothing, More, Over };
    /// Reads what a client still sends after its last answer: a close with unread input would reset the connection
    /// and could take the answer away with it. Nothing: no more has come yet; More: call again later; Over: close.
    Discard discardInput(bool& readable);

    Connections& owner_;
    Runtime& runtime_;
    std::unique_ptr<net::Transport> transport_;
    Ends ends_;
    Peer peer_;

 private:
    uint64_t discarded_ = 0;
    bool listed_busy_ = false;
    ledger::ConnectionState counted_as_ = ledger::ConnectionState::None;
};

}  // namespace turnpike::server
