#include "net/tls_dialer.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "net/tls_parts.h"
#include "net/tls_rules.h"

namespace turnpike::net {
namespace {

bool isNumeric(const std::string& name) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
    ASN1_OCTET_STRING_free(address);
    return address != nullptr;
}

/// Where a connection keeps the place for its session.
int placeIndex() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

bool refuse(TlsFault* fault, const char* part, const std::string& why) {
    fault->part = part;
    fault->text = why;
    return false;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// Whom a certificate is for, "DNS:a.example, IP Address:10.0.0.5"; the first of them where there are many.
std::string namesOf(const X509* certificate) {
    constexpr int kShown = 5;
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> to(BIO_new(BIO_s_mem()), BIO_free);
    const int count = std::max(sk_GENERAL_NAME_num(names.get()), 0);
    for (int i = 0; i < std::min(count, kShown) && to; ++i) {
        if (i > 0) BIO_puts(to.get(), ", ");
        GENERAL_NAME_print(to.get(), sk_GENERAL_NAME_value(names.get(), i));
    }
    char* text = nullptr;
    const long size = to ? BIO_get_mem_data(to.get(), &text) : 0;
    if (size <= 0) return "nobody";
    return std::string(text, static_cast<size_t>(size)) + (count > kShown ? ", ..." : "");
}

}  // namespace

void TlsDialer::SessionDeleter::operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }

TlsDialer::TlsDialer(const TlsDialSettings& settings)
    : name_(settings.server_name), is_address_(isNumeric(name_)), context_(SSL_CTX_new(TLS_client_method())) {}

TlsDialer::~TlsDialer() { SSL_CTX_free(context_); }

std::unique_ptr<TlsDialer> TlsDialer::make(const TlsDialSettings& settings, TlsFault* fault) {
    std::unique_ptr<TlsDialer> dialer(new TlsDialer(settings));
    return dialer->setUp(settings, fault) ? std::move(dialer) : nullptr;
}

bool TlsDialer::setUp(const TlsDialSettings& settings, TlsFault* fault) {
    ERR_clear_error();
    if (context_ == nullptr || !setTlsRules(context_) || !setProtocol(settings.protocol) || !setName())
        return refuse(fault, "server_name", "OpenSSL cannot be set up: " + lastError());
    SSL_CTX_set_app_data(context_, this);
    SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_, onSession);
    std::string why;
    if (settings.trust != nullptr) {
        SSL_CTX_set1_cert_store(context_, settings.trust);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, onVerify);
    }
    if (settings.certificate.empty()) return true;
    std::vector<Certificate> chain;
    if (!useCertificate(context_, settings.certificate, &chain, &why)) return refuse(fault, "certificate", why);
    return useKey(context_, chain.front().get(), settings.key, &why) || refuse(fault, "key", why);
}

/// RFC 9525: names count where they belong, among the alternative ones, and a wildcard is a whole label.
bool TlsDialer::setName() {
    X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(context_);
    X509_VERIFY_PARAM_set_hostflags(rules,
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (name_.empty()) return false;  // OpenSSL would take anybody's certificate then
    if (is_address_) return X509_VERIFY_PARAM_set1_ip_asc(rules, name_.c_str()) == 1;
    return X509_VERIFY_PARAM_set1_host(rules, name_.data(), name_.size()) == 1;
}

bool TlsDialer::setProtocol(std::string_view protocol) {
    if (protocol.empty()) return true;
    const std::string list = static_cast<char>(protocol.size()) + std::string(protocol);
    return SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(list.data()),
                                   static_cast<unsigned>(list.size())) == 0;
}

std::unique_ptr<TlsTransport> TlsDialer::dial(int fd, const std::string& address, TlsScratch& scratch) {
    SSL* ssl = SSL_new(context_);
    auto transport = std::make_unique<TlsTransport>(fd, ssl, scratch, TlsRole::Client);
    if (ssl == nullptr) return transport;
    Session& session = sessions_[address];
    SSL_set_app_data(ssl, transport.get());
    SSL_set_ex_data(ssl, placeIndex(), &session);
    // A name only: addresses may not stand there (RFC 6066 3).
    if (!is_address_) SSL_set_tlsext_host_name(ssl, name_.c_str());
    if (session && SSL_SESSION_is_resumable(session.get()) == 1) SSL_set_session(ssl, session.get());
    return transport;
}

int TlsDialer::onSession(SSL* ssl, SSL_SESSION* session) {
    static_cast<Session*>(SSL_get_ex_data(ssl, placeIndex()))->reset(session);
    return 1;  // it is kept
}

/// For the error log: whose certificate it was, and what is wrong with it.
int TlsDialer::onVerify(int is_good, X509_STORE_CTX* checked) {
    if (is_good == 1) return 1;
    const auto* ssl =
        static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(checked, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto& dialer = *static_cast<const TlsDialer*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const X509* certificate = X509_STORE_CTX_get_current_cert(checked);
    const int error = X509_STORE_CTX_get_error(checked);
    std::string why = X509_verify_cert_error_string(error);
    switch (error) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            why = "certificate not for " + quoted(dialer.name_) + ", but for " + namesOf(certificate);
            break;
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            why = "certificate of " + quoted(nameText(X509_get_subject_name(certificate))) + " " +
                  checkDates(certificate);
            break;
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            why = "certificate of an unknown authority, " + quoted(nameText(X509_get_issuer_name(certificate)));
            break;
        default:
            break;
    }
    static_cast<TlsTransport*>(SSL_get_app_data(ssl))->blame(why);
    return 0;
}

}  // namespace turnpike::net
