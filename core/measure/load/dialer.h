// dialer.h - where the connections of a load go: to one address, in plain or under TLS. One thread.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "net/tls_dialer.h"
#include "net/transport.h"
#include "os/socket.h"

namespace turnpike::measure {

class Dialer {
 public:
    /// In plain.
    explicit Dialer(const os::Address& address) : address_(address), text_(address.text()) {}
    /// Under TLS; the server is told `name` (SNI). Whose certificate it shows is not looked at, since a load tells
    /// it no secret; a connection comes back with the session of the one before it, as browsers do.
    static Result<Dialer> secure(const os::Address& address, const std::string& name);

    /// A connection that has begun, or -errno in *error. It must not outlive the dialer.
    std::unique_ptr<net::Transport> dial(int* error);
    /// Where to, for messages.
    const std::string& text() const { return text_; }

 private:
    os::Address address_;
    std::string text_;
    std::unique_ptr<net::TlsDialer> tls_;
    std::unique_ptr<net::TlsScratch> scratch_;
};

}  // namespace turnpike::measure
