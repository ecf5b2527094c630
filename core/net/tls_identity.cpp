#include "net/tls_identity.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <cstring>

#include "base/clock.h"
#include "net/tls_alpn.h"
#include "net/tls_parts.h"
#include "net/tls_rules.h"
#include "net/tls_tickets.h"
#include "net/tls_trust.h"

namespace turnpike::net {
namespace {

/// As long as the older key still opens tickets in any case.
constexpr long kSessionSeconds = 12L * 3600;

bool setRules(SSL_CTX* context) {
    SSL_CTX_set_options(context,
                        SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context, kSessionSeconds);
    return setTlsRules(context);
}

int staple(SSL* ssl, void* identity) {
    const std::string_view response = static_cast<const TlsIdentity*>(identity)->staple();
    if (response.empty()) return SSL_TLSEXT_ERR_NOACK;
    auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(response.data(), response.size()));
    if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(response.size()));
    return SSL_TLSEXT_ERR_OK;
}

/// Of everything that decides who is let in and what is promised.
bool digest(const TlsFiles& files, unsigned char* to) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    bool good = hash != nullptr && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1;
    for (std::string_view part : {files.certificate, files.client_ca}) {
        const uint64_t size = part.size();
        good = good && EVP_DigestUpdate(hash.get(), &size, sizeof size) == 1 &&
               EVP_DigestUpdate(hash.get(), part.data(), part.size()) == 1;
    }
    const unsigned char required = files.client_required ? 1 : 0;
    return good && EVP_DigestUpdate(hash.get(), &required, 1) == 1 &&
           EVP_DigestFinal_ex(hash.get(), to, nullptr) == 1;
}

}  // namespace

/// One step after the other; the first that fails leaves its fault.
class TlsIdentity::Maker {
 public:
    Maker(TlsIdentity& to, const TlsFiles& files, TlsFault* fault) : to_(to), files_(files), fault_(fault) {}

    bool make() {
        to_.context_ = SSL_CTX_new(TLS_server_method());
        if (to_.context_ == nullptr || !setRules(to_.context_) || !digest(files_, to_.id_))
            return refuse("certificate", "OpenSSL cannot be set up: " + lastError());
        return takeCertificate() && takeKey() && takeStaple() && takeClients() && connect();
    }

 private:
    bool refuse(const char* part, const std::string& why) {
        fault_->part = part;
        fault_->text = why;
        return false;
    }

    bool takeCertificate() {
        std::string why;
        if (!useCertificate(to_.context_, files_.certificate, &chain_, &why)) return refuse("certificate", why);
        to_.valid_until_ = endOf(chain_.front().get());
        return true;
    }

    bool takeKey() {
        std::string why;
        return useKey(to_.context_, chain_.front().get(), files_.key, &why) || refuse("key", why);
    }

    bool takeStaple() {
        if (files_.ocsp.empty()) return true;
        std::string why = checkStaple(files_.ocsp, chain_, &to_.staple_time_);
        if (!why.empty()) return refuse("ocsp", why);
        to_.ocsp_ = files_.ocsp;
        SSL_CTX_set_tlsext_status_cb(to_.context_, &net::staple);
        SSL_CTX_set_tlsext_status_arg(to_.context_, &to_);
        return true;
    }

    bool takeClients() {
        if (files_.client_ca.empty()) return true;
        std::string why;
        if (!trustClients(to_.context_, files_.client_ca, &why)) return refuse("client_ca", why);
        SSL_CTX_set_verify(to_.context_,
                           SSL_VERIFY_PEER | (files_.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                           nullptr);
        return true;
    }

    bool connect() {
        SSL_CTX_set_app_data(to_.context_, &to_);
        SSL_CTX_set_session_id_context(to_.context_, to_.id_, sizeof to_.id_);
        SSL_CTX_set_alpn_select_cb(to_.context_, selectAlpn, const_cast<bool*>(&to_.settings_.http2));
        useTickets(to_.context_, to_.settings_.tickets);
        return true;
    }

    TlsIdentity& to_;
    const TlsFiles& files_;
    TlsFault* fault_;
    std::vector<Certificate> chain_;
};

std::shared_ptr<const TlsIdentity> TlsIdentity::make(const TlsFiles& files, const TlsSettings& settings,
                                                     TlsFault* fault) {
    std::shared_ptr<TlsIdentity> identity(new TlsIdentity(settings));
    if (!Maker(*identity, files, fault).make()) return nullptr;
    return identity;
}

TlsIdentity::~TlsIdentity() { SSL_CTX_free(context_); }

std::string_view TlsIdentity::staple() const { return isStapleStale() ? std::string_view() : ocsp_; }

bool TlsIdentity::isStapleStale() const {
    const int64_t now = unixMs() / 1000;
    return !ocsp_.empty() && (now >= staple_time_.until || now < staple_time_.from);
}

bool TlsIdentity::adopt(SSL* ssl) const {
    // What a connection took from its first context and not from the one that it has now.
    SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context_), nullptr);
    return SSL_set_SSL_CTX(ssl, context_) != nullptr && SSL_set_session_id_context(ssl, id_, sizeof id_) == 1;
}

}  // namespace turnpike::net
