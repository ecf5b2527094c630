// tls_alpn.h - which protocol a client and this server agree on inside TLS (RFC 7301).
#pragma once
#include <openssl/ssl.h>

namespace turnpike::net {

/// For SSL_CTX_set_alpn_select_cb(); `http2` points to a bool: "h2" is offered, before "http/1.1" and
/// "http/1.0". A client that names protocols and none of these is turned away: it would take an answer for
/// something else.
inline int selectAlpn(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                      unsigned offered_size, void* http2) {
    static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1\x08http/1.0";
    constexpr unsigned kHttp2 = 3, kAll = sizeof kOurs - 1;
    const unsigned from = *static_cast<const bool*>(http2) ? 0 : kHttp2;
    unsigned char* found = nullptr;
    const int result = SSL_select_next_proto(&found, size, kOurs + from, kAll - from, offered, offered_size);
    *chosen = found;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace turnpike::net
