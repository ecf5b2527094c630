// tls_trust.h - authorities whose certificates are believed, out of files. Read at start-up. One thread.
#pragma once
#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace turnpike::net {

struct StoreDeleter {
    void operator()(X509_STORE* store) const;
};
using TrustStore = std::unique_ptr<X509_STORE, StoreDeleter>;

/// Whoever the certificates of `pem` stand for, and whatever they have signed, is believed. Null with *why set.
TrustStore readTrust(std::string_view pem, std::string* why);

/// Makes `context` believe clients whose certificates these authorities signed, and name them when it asks.
bool trustClients(SSL_CTX* context, std::string_view pem, std::string* why);

}  // namespace turnpike::net
