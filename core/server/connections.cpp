#include "server/connections.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "os/file.h"
#include "server/http1.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {

using State = ledger::ConnectionState;

/// Taken from the backlog in one go, before requests get their turn.
constexpr int kAcceptsPerTurn = 64;

/// When descriptors have run out: the new connection's request needs some of its own, for a file or a backend.
constexpr int kEvictedAtOnce = 4;

bool isWildcard(const os::Address& address) {
    std::string host = address.host();
    return host == "::" || host == "0.0.0.0";
}

}  // namespace

/// A listening socket that this worker shares with the others.
class Connections::Acceptor final : public net::Source {
 public:
    Acceptor(Connections& owner, const Listener& listener)
        : owner_(owner), listener_(listener), wildcard_(isWildcard(listener.address)) {
        const auto& addresses = owner.runtime_.snapshot().server.proxy_protocol;
        has_preface_ = std::count(addresses.begin(), addresses.end(), listener.address.text()) != 0;
    }

    void onEvent(uint32_t, uint32_t) override {
        for (int i = 0; i < kAcceptsPerTurn && owner_.accept(*this); ++i) {
        }
    }
    int fd() const { return listener_.fd; }
    bool isTls() const { return listener_.tls; }
    /// Its connections begin with a PROXY header.
    bool hasPreface() const { return has_preface_; }
    os::Address local(int accepted) const {
        os::Address address = listener_.address;
        if (wildcard_) os::localAddress(accepted, os::Class::Listen, &address);
        return address;
    }

 private:
    Connections& owner_;
    Listener listener_;
    bool wildcard_, has_preface_ = false;
};

void Connections::List::append(Connection& c) {
    c.list_previous = last;
    c.list_next = nullptr;
    (last != nullptr ? last->list_next : first) = &c;
    last = &c;
}

void Connections::List::take(Connection& c) {
    (c.list_previous != nullptr ? c.list_previous->list_next : first) = c.list_next;
    (c.list_next != nullptr ? c.list_next->list_previous : last) = c.list_previous;
}

Connections::Connections(Runtime& runtime)
    : runtime_(runtime),
      turns_(runtime.blocks()),
      reserve_(os::open("/dev/null", O_RDONLY, 0, os::Class::Listen), os::Class::Listen) {}

Connections::~Connections() {
    for (auto& [preface, greeted] : prefaces_) delete preface;
    for (auto& a : acceptors_) runtime_.loop().remove(a->fd(), *a);
    for (List* list : {&idle_, &busy_})
        for (Connection* connection = list->first; connection != nullptr;)
            delete std::exchange(connection, connection->list_next);
}

int Connections::listen(const Listener& listener) {
    acceptors_.push_back(std::make_unique<Acceptor>(*this, listener));
    return runtime_.loop().addShared(listener.fd, *acceptors_.back());
}

bool Connections::accept(const Acceptor& from) {
    os::Address remote;
    int fd = os::accept(from.fd(), &remote);
    if (fd >= 0) {
        greet(fd, from, remote);
        return true;
    }
    if (fd == -ECONNABORTED) return true;
    if (fd != -EMFILE && fd != -ENFILE) return false;
    // Without a free descriptor the client could not even be refused: one is kept in reserve for that.
    tell(exhaustion_, TP_LOG_WARN, "descriptors have run out (RLIMIT_NOFILE): idle connections are closed");
    bool evicted = false;
    for (int i = 0; i < kEvictedAtOnce; ++i) evicted = evict() || evicted;
    reserve_.reset();
    fd = os::accept(from.fd(), &remote);
    if (evicted && fd >= 0)
        greet(fd, from, remote);
    else
        os::close(fd, os::Class::Listen);
    reserve_ = os::Fd(os::open("/dev/null", O_RDONLY, 0, os::Class::Listen), os::Class::Listen);
    return evicted;
}

/// Clients can bring these about as often as they like.
void Connections::tell(Rarely& rarely, int32_t level, const std::string& message) {
    if (rarely.isDue(runtime_.loop().nowNs())) runtime_.log(level, message + rarely.others());
}

void Connections::onHandshake(const Http1& connection, std::string_view fault) {
    ledger::Counters& counters = runtime_.counters();
    ++(fault.empty() ? counters.tls_handshakes : counters.tls_failed);
    const net::TlsSession* tls = connection.peer().tls;
    if (tls != nullptr && tls->resumed) ++counters.tls_resumed;
    if (tls != nullptr && tls->in_kernel) ++counters.tls_kernel;
    if (!fault.empty())
        tell(faults_, TP_LOG_INFO,
             "TLS handshake with " + std::string(connection.peer().remote_address) +
                 " failed: " + std::string(fault));
}

bool Connections::isTrusted(const os::Address& address) const {
    const auto& trusted = runtime_.snapshot().server.trusted;
    return !trusted.isEmpty() && trusted.contains(address.host());
}

/// A connection is its client's at once, or when a trusted proxy has said whose it is.
void Connections::greet(int fd, const Acceptor& from, const os::Address& remote) {
    if (!from.hasPreface()) return admit(fd, remote, from.local(fd), from.isTls(), false);
    if (!isTrusted(remote) || !evictAtLimit()) {
        if (!isTrusted(remote))
            runtime_.log(TP_LOG_WARN,
                         "a connection from " + remote.host() +
                             " was closed: it is none of trusted_proxies, and proxy_protocol wants one");
        ++runtime_.counters().connections_refused;
        return os::close(fd, os::Class::Listen);
    }
    auto* preface = new ProxyPreface(runtime_, fd, remote, greeted, this);
    prefaces_.emplace(preface, Greeted{from.local(fd), from.isTls()});
    ++count_;
    ++runtime_.counters().connections;
    runtime_.counters().move(State::None, State::ProxyHeader);
    preface->begin();
}

void Connections::greeted(void* self, ProxyPreface& preface, const net::ProxyHeader* header) {
    auto& connections = *static_cast<Connections*>(self);
    const Greeted greeted = connections.prefaces_.extract(&preface).mapped();
    // Its own functions are still on the stack.
    connections.runtime_.loop().later([](void* p) { delete static_cast<ProxyPreface*>(p); }, &preface);
    --connections.count_;
    --connections.runtime_.counters().connections;
    connections.runtime_.counters().move(State::ProxyHeader, State::None);
    if (header == nullptr) return connections.removed();
    const os::Address& remote = header->is_local ? preface.remote() : header->source;
    connections.admit(preface.release(), remote, header->is_local ? greeted.local : header->destination,
                      greeted.tls, true);
    connections.removed();  // unless it was admitted
}

void Connections::admit(int fd, const os::Address& remote, const os::Address& local, bool is_tls, bool by_proxy) {
    ledger::Counters& counters = runtime_.counters();
    // A proxy's connections are those of many clients.
    std::string network = remote.isUnix() || isTrusted(remote) ? std::string() : remote.network();
    if (!makeRoomFor(network) || !evictAtLimit()) {
        ++counters.connections_refused;
        return os::close(fd, os::Class::Listen);
    }
    TP_ASSERT(!is_tls || tls_ != nullptr);  // what should be encrypted never leaves in plain
    std::unique_ptr<net::Transport> transport;
    if (is_tls)
        transport = tls_->accept(fd);
    else
        transport = std::make_unique<net::PlainTransport>(fd);
    auto* connection = new Http1(*this, runtime_, std::move(transport), Ends(remote, local, by_proxy));
    ++counters.connections_accepted;
    ++counters.connections;
    ++count_;
    idle_.append(*connection);
    if (!network.empty() && runtime_.limits().connections_per_address > 0)
        by_network_[network].push_back(connection);
    if (!connection->begin()) return connection->close();
    if (draining_) connection->drain();
}

/// Makes room for one more connection; false: nothing can be given up.
bool Connections::evictAtLimit() {
    if (count_ < runtime_.limits().connections) return true;
    const bool evicted = evict();
    tell(crowds_, TP_LOG_WARN,
         std::string("limits.connections is reached: ") + (evicted ? "an idle" : "a new") +
             " connection is closed");
    return evicted;
}

bool Connections::evict() {
    if (idle_.first == nullptr) return false;
    idle_.first->close();
    return true;
}

/// A client at its limit gives up its oldest connection without a request under way, an unfinished head included:
/// who holds many such cannot keep others behind the same address out. False: all of its connections work.
bool Connections::makeRoomFor(const std::string& network) {
    uint64_t most = runtime_.limits().connections_per_address;
    auto known = by_network_.find(network);
    if (known == by_network_.end() || known->second.size() < most) return true;
    const auto& held = known->second;
    auto oldest = std::find_if(held.begin(), held.end(), [](const Connection* c) { return !c->isListedBusy(); });
    const bool evicted = oldest != held.end();
    tell(greedy_, evicted ? TP_LOG_INFO : TP_LOG_WARN,
         "limits.connections_per_address is reached by " + std::string(held.front()->peer().remote_address) +
             ": its " + (evicted ? "oldest idle" : "new") + " connection is closed");
    if (evicted) (*oldest)->close();
    return evicted;
}

void Connections::forget(Connection& connection) {
    auto known = by_network_.find(connection.network());
    if (known == by_network_.end()) return;
    std::erase(known->second, &connection);
    if (known->second.empty()) by_network_.erase(known);
}

void Connections::busy(Connection& connection) {
    idle_.take(connection);
    busy_.append(connection);
}

void Connections::idle(Connection& connection) {
    busy_.take(connection);
    idle_.append(connection);
}

void Connections::remove(Connection& connection) {
    (connection.isListedBusy() ? busy_ : idle_).take(connection);
    forget(connection);
    --count_;
    --runtime_.counters().connections;
    connection.enter(State::None);
    // Its own functions may still be on the stack.
    runtime_.loop().later([](void* c) { delete static_cast<Connection*>(c); }, &connection);
    removed();
}

/// Tells who waits for the last one.
void Connections::removed() {
    if (count_ == 0 && drained_ != nullptr) runtime_.loop().later(std::exchange(drained_, nullptr), drained_arg_);
}

void Connections::replace(Connection& connection, Connection& by) {
    idle_.take(connection);
    idle_.append(by);
    connection.enter(State::None);
    by.enter(State::Http2Idle);
    if (auto known = by_network_.find(by.network()); known != by_network_.end())
        std::replace(known->second.begin(), known->second.end(), &connection, &by);
    runtime_.loop().later([](void* c) { delete static_cast<Connection*>(c); }, &connection);
}

void Connections::drain(void (*drained)(void*), void* arg) {
    for (auto& a : acceptors_) {
        a->onEvent(0, 0);  // who is connected already would be cut off by the close
        runtime_.loop().remove(a->fd(), *a);
        // Once nobody holds the socket, clients are refused at once instead of waiting for a server that is going.
        os::close(a->fd(), os::Class::Listen);
    }
    acceptors_.clear();
    draining_ = true;
    for (auto& [preface, greeted] : prefaces_) preface->drain();
    drained_ = drained;
    drained_arg_ = arg;
    for (List* list : {&idle_, &busy_})
        for (Connection* c = list->first; c != nullptr; c = c->list_next) c->drain();
    if (count_ == 0) runtime_.loop().later(std::exchange(drained_, nullptr), drained_arg_);
}

}  // namespace turnpike::server
