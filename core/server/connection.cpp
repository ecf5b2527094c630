#include "server/connection.h"

#include <algorithm>
#include <cerrno>

#include "server/connections.h"
#include "server/runtime.h"

namespace turnpike::server {
namespace {
/// What a client may still send after its last answer, so that it gets to see that answer instead of a reset: more
/// than any body that a client would begin to send without asking.
constexpr uint64_t kMostDiscarded = 64u << 20;
constexpr int kDiscardsPerTurn = 16;
}  // namespace

Connection::Connection(Connections& owner, Runtime& runtime, std::unique_ptr<net::Transport> transport, Ends ends,
                       std::string_view protocol)
    : owner_(owner),
      runtime_(runtime),
      transport_(std::move(transport)),
      ends_(std::move(ends)),
      peer_{ends_.remote,           ends_.local, ends_.network, ends_.remote_port, ends_.local_port,
            transport_->isSecure(), protocol} {
    peer_.tls = transport_->session();
    peer_.by_proxy = ends_.by_proxy;
}

uint64_t Connection::idleMs() const {
    const config::Limits& limits = runtime_.limits();
    const bool crowded = runtime_.counters().connections * 5 > limits.connections * 4;
    return crowded ? std::min<uint64_t>(1000, limits.keepalive_ms) : limits.keepalive_ms;
}

void Connection::enter(ledger::ConnectionState state) {
    runtime_.counters().move(counted_as_, state);
    counted_as_ = state;
}

void Connection::listBusy(ledger::ConnectionState as) {
    listed_busy_ = true;
    owner_.busy(*this);
    enter(as);
}

void Connection::listIdle(ledger::ConnectionState as) {
    listed_busy_ = false;
    owner_.idle(*this);
    enter(as);
}

Connection::Discard Connection::discardInput(bool& readable) {
    char block[16384];
    for (int i = 0; i < kDiscardsPerTurn && readable; ++i) {
        int64_t got = transport_->receive(block, sizeof block);
        if (got == -EAGAIN) {
            readable = false;
            break;
        }
        discarded_ += got > 0 ? static_cast<uint64_t>(got) : 0;
        if (got <= 0 || discarded_ > kMostDiscarded) return Discard::Over;
    }
    return readable ? Discard::More : Discard::Nothing;
}

}  // namespace turnpike::server
