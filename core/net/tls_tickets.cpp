#include "net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "net/tls_identity.h"

namespace turnpike::net {
namespace {

// What OpenSSL wants to hear.
constexpr int kFailed = -1, kNoKey = 0, kGood = 1, kGoodButExchange = 2;

/// A copy of a key, which goes with it.
struct HeldKey : TicketKey {
    HeldKey() = default;
    HeldKey(const HeldKey&) = delete;
    HeldKey& operator=(const HeldKey&) = delete;
    ~HeldKey() { OPENSSL_cleanse(static_cast<TicketKey*>(this), sizeof(TicketKey)); }
};

bool setMac(EVP_MAC_CTX* mac, const TicketKey& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(
                                         OSSL_MAC_PARAM_KEY, const_cast<uint8_t*>(key.mac.data()), key.mac.size()),
                                     OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int seal(const TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
         EVP_MAC_CTX* mac) {
    HeldKey key;
    if (!keys.read(0, &key)) return kNoKey;
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return kFailed;
    std::copy(key.name.begin(), key.name.end(), name);
    const bool set = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1;
    return set && setMac(mac, key) ? kGood : kFailed;
}

/// A ticket of an old key is exchanged for a new one, and under TLS 1.3 each, since clients use it once (RFC 8446
/// appendix C.4): who got none would begin anew at every second connection.
int open(const TicketKeys& keys, bool is_for_once, const unsigned char* name, const unsigned char* iv,
         EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    for (size_t age = 0; age < TicketKeys::kKept; ++age) {
        HeldKey key;
        if (!keys.read(age, &key)) return kNoKey;
        if (std::memcmp(key.name.data(), name, key.name.size()) != 0) continue;
        const bool set = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1;
        if (!set || !setMac(mac, key)) return kFailed;
        return age == 0 && !is_for_once ? kGood : kGoodButExchange;
    }
    return kNoKey;
}

int onTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
             int sealing) {
    const auto* identity = static_cast<const TlsIdentity*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const TicketKeys& keys = *identity->settings().tickets;
    return sealing != 0 ? seal(keys, name, iv, cipher, mac)
                        : open(keys, SSL_version(ssl) >= TLS1_3_VERSION, name, iv, cipher, mac);
}

}  // namespace

void useTickets(SSL_CTX* context, const TicketKeys* keys) {
    if (keys != nullptr) {
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, onTicket);
        return;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

}  // namespace turnpike::net
