#include "server/tls_dialers.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/machine.h"

namespace turnpike::server {
namespace {

std::string copy(tp_str s) { return {s.ptr, s.len}; }

bool isSame(const tp_tls& a, const tp_tls& b) {
    return a.server_name == b.server_name && a.trust == b.trust && a.certificate == b.certificate &&
           a.key == b.key && a.protocol == b.protocol && a.is_unverified == b.is_unverified;
}

std::string about(std::string_view part, const std::string& path) {
    return "\"" + std::string(part) + "\": " + path + " ";
}

bool readPart(std::string_view part, const std::string& path, std::string* to, std::string* why) {
    if (path.empty()) return true;
    if (!path.starts_with('/')) {
        *why = about(part, path) + "must be an absolute path";
        return false;
    }
    const config::Files& files = config::diskFiles();
    auto bytes = part == "key" ? files.readSecret(path) : files.read(path);
    if (bytes)
        *to = std::move(*bytes);
    else
        *why = "\"" + std::string(part) + "\": cannot read " + bytes.error().text +
               " (for the user that the workers run as)";
    return static_cast<bool>(bytes);
}

/// The file in which this machine's administration keeps the authorities that it trusts: OpenSSL's own variable,
/// or where distributions have it. OpenSSL itself would look into folders in the middle of a handshake.
std::string machineTrust(std::string* path) {
    const char* named = std::getenv("SSL_CERT_FILE");
    const std::string candidates[] = {named != nullptr ? named : "",
                                      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
                                      "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora
                                      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
                                      "/etc/ssl/ca-bundle.pem",                             // SUSE
                                      "/etc/ssl/cert.pem"};
    for (const std::string& candidate : candidates) {
        auto bytes = candidate.empty() ? Result<std::string>(Error{}) : config::diskFiles().read(candidate);
        if (!bytes) continue;
        *path = candidate;
        return std::move(*bytes);
    }
    return {};
}

}  // namespace

tp_tls* TlsDialers::add(const tp_tls_spec& spec, std::string* why) {
    auto one = std::make_unique<tp_tls>(tp_tls{copy(spec.server_name),
                                               copy(spec.trust),
                                               copy(spec.certificate),
                                               copy(spec.key),
                                               copy(spec.protocol),
                                               spec.is_unverified != 0,
                                               {}});
    auto known = std::find_if(all_.begin(), all_.end(), [&](const auto& other) { return isSame(*other, *one); });
    if (known != all_.end()) return known->get();
    if (!make(*one, why)) return nullptr;
    all_.push_back(std::move(one));
    return all_.back().get();
}

bool TlsDialers::make(tp_tls& to, std::string* why) {
    if (to.is_unverified && !to.trust.empty())
        *why = "\"trust\": nothing is checked against it where whoever answers is believed";
    if (to.certificate.empty() != to.key.empty())
        *why = to.key.empty() ? "\"certificate\" needs its \"key\"" : "\"key\" needs its \"certificate\"";
    if (!why->empty()) return false;
    std::string certificate, key;
    net::TlsDialSettings settings;
    if (!to.is_unverified && (settings.trust = trust(to.trust, why)) == nullptr) return false;
    if (!readPart("certificate", to.certificate, &certificate, why) || !readPart("key", to.key, &key, why))
        return false;
    settings.server_name = to.server_name;
    settings.certificate = certificate;
    settings.key = key;
    settings.protocol = to.protocol;
    net::TlsFault fault;
    to.dialer = net::TlsDialer::make(settings, &fault);
    if (!to.dialer)
        *why = about(fault.part, std::string_view(fault.part) == "key" ? to.key : to.certificate) + fault.text;
    return to.dialer != nullptr;
}

X509_STORE* TlsDialers::trust(const std::string& path, std::string* why) {
    auto known = trust_.find(path);
    if (known != trust_.end()) return known->second.get();
    std::string pem, from = path;
    if (!readPart("trust", path, &pem, why)) return nullptr;
    if (path.empty()) pem = machineTrust(&from);
    if (from.empty()) {
        *why = "\"trust\" must be set: this machine has no file of authorities (install ca-certificates)";
        return nullptr;
    }
    net::TrustStore store = net::readTrust(pem, why);
    if (!store) {
        *why = about("trust", from) + *why;
        return nullptr;
    }
    return trust_.emplace(path, std::move(store)).first->second.get();
}

}  // namespace turnpike::server
