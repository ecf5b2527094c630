// link_stream.h - the transport over memory that worker and interpreter share (sdk/link), whose listening socket
// is descriptor 0.
//
// Threads: none. Ownership: the transport owns the listening socket, a stream its connection.
#pragma once
#include "stream.h"

namespace turnpike::php {

class LinkTransport final : public Transport {
 public:
    /// Moves the socket away from descriptor 0, which no program that a script starts may inherit. Throws
    /// std::system_error.
    LinkTransport();
    ~LinkTransport() override;
    std::unique_ptr<Acceptor> acceptor(unsigned slot, const Stop& stop) override;
    int demand() const override { return listener_; }

 private:
    int listener_ = -1;
};

}  // namespace turnpike::php
