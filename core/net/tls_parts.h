// tls_parts.h - certificates, keys and OCSP responses out of files, and what may be wrong with them, in words for
// the operator. Private to net/.
#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls_identity.h"

namespace turnpike::net {

struct CertificateDeleter {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, CertificateDeleter>;

struct PrivateKeyDeleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, PrivateKeyDeleter>;

/// What OpenSSL said last, in its own words; the queue is empty afterwards.
std::string lastError();

/// As RFC 2253 writes it: "CN=client,O=Example".
std::string nameText(const X509_NAME* name);

/// All of a PEM file, in its order; empty with *why set when there is none or one cannot be read.
std::vector<Certificate> readCertificates(std::string_view pem, std::string* why);
/// Null with *why set.
PrivateKey readKey(std::string_view pem, std::string* why);

/// Why the certificate is not valid now, or empty.
std::string checkDates(const X509* certificate);
/// Seconds since 1970.
int64_t endOf(const X509* certificate);

/// Makes `context` show the first certificate of `pem`, with what links it to its authority behind it; *chain: all
/// of them. It must be valid now.
bool useCertificate(SSL_CTX* context, std::string_view pem, std::vector<Certificate>* chain, std::string* why);
/// After useCertificate(): the key of that `certificate`.
bool useKey(SSL_CTX* context, const X509* certificate, std::string_view pem, std::string* why);

/// Why `der` is no OCSP response about the first certificate of `chain`, or empty. One that may not be sent now is
/// no error: the site would not come up again because of it, or of a clock that is wrong.
std::string checkStaple(std::string_view der, const std::vector<Certificate>& chain, StapleTime* time);

}  // namespace turnpike::net
