#include "net/tls_parts.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include <ctime>
#include <limits>

namespace turnpike::net {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* of) const {
        Free(of);
    }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using OcspResponse = std::unique_ptr<OCSP_RESPONSE, Deleter<OCSP_RESPONSE_free>>;
using OcspBasic = std::unique_ptr<OCSP_BASICRESP, Deleter<OCSP_BASICRESP_free>>;
using OcspId = std::unique_ptr<OCSP_CERTID, Deleter<OCSP_CERTID_free>>;
using TrustStore = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
struct ChainDeleter {
    void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }  // not what is in it
};
using Chain = std::unique_ptr<STACK_OF(X509), ChainDeleter>;

constexpr int64_t kMostClockSkew = 300;  // seconds that another machine's clock may be ahead

Bio reader(std::string_view bytes) {
    return Bio(BIO_new_mem_buf(bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size())));
}

std::string dateText(const ASN1_TIME* time) {
    std::tm date{};
    char text[32] = "an unreadable date";
    if (ASN1_TIME_to_tm(time, &date) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &date);
    return text;
}

int64_t secondsOf(const ASN1_TIME* time) {
    std::tm date{};
    return time != nullptr && ASN1_TIME_to_tm(time, &date) == 1 ? static_cast<int64_t>(timegm(&date)) : 0;
}

/// Nobody is there to be asked for a passphrase when a server starts.
int noPassphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

/// By the issuer, or by whom the issuer has charged with it (RFC 6960 section 4.2.2.2). The times of the
/// certificates are not looked at: the response has its own.
bool isSignedFor(OCSP_BASICRESP* response, const std::vector<Certificate>& chain) {
    const TrustStore trusted(X509_STORE_new());
    if (!trusted || X509_STORE_add_cert(trusted.get(), chain[1].get()) != 1) return false;
    X509_STORE_set_flags(trusted.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    const Chain known(sk_X509_new_null());
    if (!known || sk_X509_push(known.get(), chain[1].get()) == 0) return false;
    return OCSP_basic_verify(response, known.get(), trusted.get(), 0) == 1;
}

}  // namespace

std::string lastError() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
    return reason != nullptr ? reason : "no reason given";
}

std::string nameText(const X509_NAME* name) {
    const Bio to(BIO_new(BIO_s_mem()));
    // RFC 2253: "CN=client,O=Example". Control bytes and what is not ASCII come escaped.
    if (!to || X509_NAME_print_ex(to.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(to.get(), &text);
    return {text, static_cast<size_t>(size)};
}

std::vector<Certificate> readCertificates(std::string_view pem, std::string* why) {
    std::vector<Certificate> found;
    ERR_clear_error();
    const Bio from = reader(pem);
    while (X509* one = from ? PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr) : nullptr)
        found.emplace_back(one);
    // The end of the file is told as "no start line"; anything else is a certificate that is damaged.
    const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (is_end && !found.empty()) {
        ERR_clear_error();
        return found;
    }
    *why = is_end ? "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"
                  : "certificate " + std::to_string(found.size() + 1) + " in it is damaged: " + lastError();
    ERR_clear_error();
    found.clear();
    return found;
}

PrivateKey readKey(std::string_view pem, std::string* why) {
    ERR_clear_error();
    const Bio from = reader(pem);
    bool asked = false;
    PrivateKey key(from ? PEM_read_bio_PrivateKey(from.get(), nullptr, noPassphrase, &asked) : nullptr);
    if (!key)
        *why = asked ? "is locked with a passphrase: write it without one (openssl pkey), not readable by others"
                     : "holds no private key in PEM form: " + lastError();
    ERR_clear_error();
    return key;
}

std::string checkDates(const X509* certificate) {
    const ASN1_TIME *begin = X509_get0_notBefore(certificate), *end = X509_get0_notAfter(certificate);
    if (X509_cmp_current_time(end) < 0) return "has expired on " + dateText(end) + ": renew it";
    if (X509_cmp_current_time(begin) > 0)
        return "is not valid before " + dateText(begin) + ": wait, or set this machine's clock";
    return {};
}

int64_t endOf(const X509* certificate) { return secondsOf(X509_get0_notAfter(certificate)); }

bool useCertificate(SSL_CTX* context, std::string_view pem, std::vector<Certificate>* chain, std::string* why) {
    *chain = readCertificates(pem, why);
    if (chain->empty()) return false;
    *why = checkDates(chain->front().get());
    if (!why->empty()) return false;
    ERR_clear_error();
    bool taken = SSL_CTX_use_certificate(context, chain->front().get()) == 1;
    for (size_t i = 1; i < chain->size() && taken; ++i)
        taken = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
    if (!taken) *why = "cannot be used: " + lastError();
    return taken;
}

bool useKey(SSL_CTX* context, const X509* certificate, std::string_view pem, std::string* why) {
    why->clear();
    const PrivateKey key = readKey(pem, why);
    if (!key) return false;
    ERR_clear_error();
    if (X509_check_private_key(certificate, key.get()) != 1)
        *why = "is not the key of the certificate";
    else if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        *why = "cannot be used: " + lastError();
    ERR_clear_error();
    return why->empty();
}

std::string checkStaple(std::string_view der, const std::vector<Certificate>& chain, StapleTime* time) {
    ERR_clear_error();
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const OcspResponse response(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der.size())));
    if (!response) return "is no OCSP response in DER form: " + lastError();
    if (const int status = OCSP_response_status(response.get()); status != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return std::string("is an OCSP response that says nothing of a certificate: ") +
               OCSP_response_status_str(status);
    const OcspBasic basic(OCSP_response_get1_basic(response.get()));
    if (!basic) return "is an OCSP response of an unknown kind: " + lastError();
    if (chain.size() < 2) return "needs the issuer's certificate behind the site's own in \"certificate\"";
    const OcspId id(OCSP_cert_to_id(nullptr, chain[0].get(), chain[1].get()));
    int status = 0, reason = 0;
    ASN1_GENERALIZEDTIME *revoked = nullptr, *begin = nullptr, *end = nullptr;
    if (!id || OCSP_resp_find_status(basic.get(), id.get(), &status, &reason, &revoked, &begin, &end) != 1)
        return "is an OCSP response about another certificate";
    if (status == V_OCSP_CERTSTATUS_REVOKED) return "says that the certificate is revoked: get a new one";
    if (status != V_OCSP_CERTSTATUS_GOOD) return "says that its responder does not know the certificate";
    if (!isSignedFor(basic.get(), chain)) return "is not signed by the certificate's authority: " + lastError();
    // Without an end there is always newer information (RFC 6960 2.4); the response says nothing of a limit.
    time->until = end != nullptr ? secondsOf(end) : std::numeric_limits<int64_t>::max();
    time->from = secondsOf(begin) - kMostClockSkew;
    ERR_clear_error();
    return {};
}

}  // namespace turnpike::net
