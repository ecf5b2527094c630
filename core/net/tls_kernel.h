// tls_kernel.h - handing a connection's sending side to the kernel (kTLS, Documentation/networking/tls.rst):
// records are then made where the socket is, and a file's bytes go there without crossing into user space. Private
// to net/.
#pragma once
#include <openssl/types.h>

#include "net/tls_wire.h"

namespace turnpike::net {

/// What `ssl` writes goes to `wire`, which it must not outlive, until OpenSSL has keys for the answers: it hands
/// them to the kernel, if that takes them and nothing waits in the wire. From then on what is no application data
/// (alerts, tickets) goes to the socket by OpenSSL's own call. False: out of memory.
bool writeByKernel(SSL* ssl, TlsWire& wire);

/// Whether the kernel has the keys: what is to be sent goes to the socket as it is.
bool isKernelSending(const SSL* ssl);

}  // namespace turnpike::net
