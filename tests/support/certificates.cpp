#include "support/certificates.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "support/openssl_objects.h"

namespace turnpike {
namespace {

std::string textOf(const Bio& from) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(from.get(), &text);
    return {text, static_cast<size_t>(size)};
}

Bio memory(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Certificate read(const std::string& pem) {
    return Certificate(PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr));
}
Key readKey(const std::string& pem) {
    return Key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr));
}

void extend(X509* to, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
}

void nameIt(X509* to, const CertificateWish& wish) {
    const auto* name = reinterpret_cast<const unsigned char*>(wish.name.c_str());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(to), "CN", MBSTRING_UTF8, name, -1, -1, 0);
    std::string hosts;
    for (const std::string& host : wish.hosts.empty() ? std::vector{wish.name} : wish.hosts)
        hosts += (hosts.empty() ? "" : ",") + (host.starts_with("IP:") ? host : "DNS:" + host);
    if (wish.is_authority)
        extend(to, NID_basic_constraints, "critical,CA:TRUE");
    else
        extend(to, NID_subject_alt_name, hosts);
}

}  // namespace

MadeCertificate makeCertificate(const CertificateWish& wish, const MadeCertificate* issuer) {
    const Key key(wish.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    const Certificate made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), wish.serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.from_s);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.until_s);
    X509_set_pubkey(made.get(), key.get());
    nameIt(made.get(), wish);
    const Certificate by = issuer != nullptr ? read(issuer->certificate) : nullptr;
    const Key by_key = issuer != nullptr ? readKey(issuer->key) : nullptr;
    X509_set_issuer_name(made.get(), X509_get_subject_name(by ? by.get() : made.get()));
    X509_sign(made.get(), by_key ? by_key.get() : key.get(), EVP_sha256());
    const Bio certificate(BIO_new(BIO_s_mem())), secret(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(certificate.get(), made.get());
    PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {textOf(certificate), textOf(secret)};
}

std::string makeOcsp(const MadeCertificate& certificate, const MadeCertificate& issuer, const OcspWish& wish) {
    const MadeCertificate& signer = wish.signer != nullptr ? *wish.signer : issuer;
    const Certificate about = read(certificate.certificate), by = read(issuer.certificate),
                      signed_by = read(signer.certificate);
    const Key key = readKey(signer.key);
    OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
    ASN1_TIME *begin = X509_gmtime_adj(nullptr, wish.from_s), *end = X509_gmtime_adj(nullptr, wish.until_s);
    OCSP_CERTID* id = OCSP_cert_to_id(EVP_sha1(), about.get(), by.get());
    const bool is_revoked = wish.status == OcspWish::Status::Revoked;
    const int status = is_revoked                                 ? V_OCSP_CERTSTATUS_REVOKED
                       : wish.status == OcspWish::Status::Unknown ? V_OCSP_CERTSTATUS_UNKNOWN
                                                                  : V_OCSP_CERTSTATUS_GOOD;
    OCSP_basic_add1_status(basic, id, status, 0, is_revoked ? begin : nullptr, begin, end);
    OCSP_basic_sign(basic, signed_by.get(), key.get(), EVP_sha256(), nullptr, 0);
    OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    const Bio to(BIO_new(BIO_s_mem()));
    i2d_OCSP_RESPONSE_bio(to.get(), response);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(begin);
    ASN1_TIME_free(end);
    return textOf(to);
}

}  // namespace turnpike
