#include "net/tls_trust.h"

#include <vector>

#include "net/tls_parts.h"

namespace turnpike::net {
namespace {

bool isUnusable(std::string* why) {
    *why = "an authority in it cannot be used: " + lastError();
    return false;
}

}  // namespace

void StoreDeleter::operator()(X509_STORE* store) const { X509_STORE_free(store); }

TrustStore readTrust(std::string_view pem, std::string* why) {
    const std::vector<Certificate> authorities = readCertificates(pem, why);
    if (authorities.empty()) return nullptr;
    ERR_clear_error();
    TrustStore store(X509_STORE_new());
    bool taken = store != nullptr;
    for (size_t i = 0; i < authorities.size() && taken; ++i)
        taken = X509_STORE_add_cert(store.get(), authorities[i].get()) == 1;
    // What stands in the file is believed, be it a root, an authority below one, or a server's own certificate.
    taken = taken && X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN) == 1;
    return taken || isUnusable(why) ? std::move(store) : nullptr;
}

bool trustClients(SSL_CTX* context, std::string_view pem, std::string* why) {
    const std::vector<Certificate> authorities = readCertificates(pem, why);
    if (authorities.empty()) return false;
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    for (const Certificate& authority : authorities)
        if (X509_STORE_add_cert(store, authority.get()) != 1 ||
            SSL_CTX_add_client_CA(context, authority.get()) != 1)
            return isUnusable(why);
    return true;
}

}  // namespace turnpike::net
