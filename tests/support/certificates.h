// certificates.h - certificates made on the spot: an authority, and what it signs. Elliptic keys, so that it takes
// no time. Everything comes as the text of a file.
#pragma once
#include <string>
#include <vector>

namespace turnpike {

struct MadeCertificate {
    std::string certificate, key;  // PEM
};

struct CertificateWish {
    std::string name = "localhost";         // common name
    std::vector<std::string> hosts = {};    // alternative names, and addresses as "IP:127.0.0.1"; empty: `name`
    long from_s = -3600, until_s = 86'400;  // valid, counted from now
    bool is_authority = false, rsa = false;
    long serial = 4711;
};

/// Signed by `issuer`, or by itself.
MadeCertificate makeCertificate(const CertificateWish& wish = {}, const MadeCertificate* issuer = nullptr);

struct OcspWish {
    enum class Status { Good, Revoked, Unknown } status = Status::Good;
    long from_s = -7200, until_s = 3600;      // valid, counted from now
    const MadeCertificate* signer = nullptr;  // null: the issuer
};

/// An OCSP response in DER form about `certificate`.
std::string makeOcsp(const MadeCertificate& certificate, const MadeCertificate& issuer, const OcspWish& wish = {});

}  // namespace turnpike
