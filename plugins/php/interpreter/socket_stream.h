// socket_stream.h - the transport over a listening socket, descriptor 0, as every FastCGI program has it: for
// trying the interpreter without a worker's shared memory.
//
// Threads: none. Ownership: the transport owns the listening socket, a stream its connection.
#pragma once
#include "stream.h"

namespace turnpike::php {

class SocketTransport final : public Transport {
 public:
    /// Moves the socket away from descriptor 0, which no program that a script starts may inherit. Throws
    /// std::system_error.
    SocketTransport();
    ~SocketTransport() override;
    std::unique_ptr<Acceptor> acceptor(unsigned slot, const Stop& stop) override;
    int demand() const override { return listener_; }

 private:
    int listener_ = -1;
};

}  // namespace turnpike::php
