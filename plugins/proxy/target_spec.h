// target_spec.h - one entry of `targets`, and how `https://` ones are spoken with (`tls`). Setup only; immutable
// afterwards.
#pragma once
#include <string>
#include <vector>

#include "sdk/gateway/key_reader.h"

namespace turnpike::proxy {

struct TargetSpec {
    std::string address;    // numeric, or "unix:/path"
    std::string name;       // for people: "https://" before the address of one that speaks TLS
    std::string authority;  // what stands in Host where nothing else is known
    std::string tls_name;   // whom its certificate must be for; empty: it speaks plain HTTP
};

/// What `tls` says.
struct TlsKeys {
    std::string trust, certificate, key, name;
    bool is_unverified = false;
};
/// Throws Refused.
TlsKeys readTls(const gateway::KeyReader& read);

/// The targets that one entry stands for: a name may have several addresses. Throws Refused.
std::vector<TargetSpec> readTarget(const tp_host& host, const std::string& entry, const TlsKeys& tls);

}  // namespace turnpike::proxy
