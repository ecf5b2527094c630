// openssl_objects.h - OpenSSL's objects that tests make, each freed with its owner.
#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

namespace turnpike {

template <auto Free>
struct OpensslDeleter {
    template <class T>
    void operator()(T* of) const {
        Free(of);
    }
};
using Bio = std::unique_ptr<BIO, OpensslDeleter<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, OpensslDeleter<X509_free>>;

}  // namespace turnpike
