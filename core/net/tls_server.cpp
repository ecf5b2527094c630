#include "net/tls_server.h"

#include <openssl/ssl.h>

#include "net/tls_transport.h"

namespace turnpike::net {
namespace {

/// RFC 6066 3: a list with one entry, the type of which is "host name". False: malformed.
bool readServerName(const unsigned char* data, size_t size, std::string* to) {
    constexpr size_t kHead = 5;
    if (size < kHead) return false;
    const size_t list = static_cast<size_t>(data[0]) << 8 | data[1],
                 name = static_cast<size_t>(data[3]) << 8 | data[4];
    if (list != size - 2 || data[2] != TLSEXT_NAMETYPE_host_name || name != size - kHead || name == 0)
        return false;
    to->assign(reinterpret_cast<const char*>(data) + kHead, name);
    for (char& c : *to)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return to->find('\0') == std::string::npos;
}

}  // namespace

TlsServer::TlsServer(Choose choose)
    : choose_(std::move(choose)), first_(choose_("")), scratch_(std::make_unique<TlsScratch>()) {
    SSL_CTX_set_client_hello_cb(first_->context(), onHello, this);
}

TlsServer::~TlsServer() { SSL_CTX_set_client_hello_cb(first_->context(), nullptr, nullptr); }

/// Before anything else of the hello is looked at: a ticket must be opened under the rules of the site that the
/// client wants, not of another one.
int TlsServer::onHello(SSL* ssl, int* alert, void* server) {
    auto& self = *static_cast<TlsServer*>(server);
    const unsigned char* data = nullptr;
    size_t size = 0;
    std::string name;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1 &&
        !readServerName(data, size, &name)) {
        *alert = SSL_AD_DECODE_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
    const TlsIdentity* identity = self.choose_(name);
    if (identity != nullptr && identity->adopt(ssl)) return SSL_CLIENT_HELLO_SUCCESS;
    *alert = identity == nullptr ? SSL_AD_UNRECOGNIZED_NAME : SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

std::unique_ptr<Transport> TlsServer::accept(int fd) {
    return std::make_unique<TlsTransport>(fd, SSL_new(first_->context()), *scratch_, TlsRole::Server,
                                          first_->settings().ktls);
}

}  // namespace turnpike::net
