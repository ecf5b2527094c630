// tls_server.h - the TLS side of a worker: makes connections, and finds each its certificate by the name that the
// client asks for. One thread; it outlives its connections.
#pragma once
#include <openssl/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_identity.h"
#include "net/transport.h"

namespace turnpike::net {

struct TlsScratch;

class TlsServer {
 public:
    /// By the name that a client asks for, in lower case; empty: it names none. Null: nobody here has that name.
    using Choose = std::function<const TlsIdentity*(std::string_view name)>;

    /// `choose` must have an answer for the empty name.
    explicit TlsServer(Choose choose);
    ~TlsServer();
    TlsServer(const TlsServer&) = delete;
    TlsServer& operator=(const TlsServer&) = delete;

    /// The connection owns `fd`; its handshake goes on inside receive().
    std::unique_ptr<Transport> accept(int fd);

 private:
    static int onHello(SSL* ssl, int* alert, void* server);

    Choose choose_;
    const TlsIdentity* first_;
    std::unique_ptr<TlsScratch> scratch_;
};

}  // namespace turnpike::net
