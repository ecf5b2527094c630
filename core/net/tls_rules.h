// tls_rules.h - what this server holds to on every connection under TLS, whichever end it is. Private to net/.
#pragma once
#include <openssl/types.h>

namespace turnpike::net {

/// Versions, ciphers and groups; no renegotiation, no compression, no early data. False: OpenSSL takes them not.
bool setTlsRules(SSL_CTX* context);

}  // namespace turnpike::net
