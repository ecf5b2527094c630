#include "target_spec.h"

#include <string_view>

#include "sdk/gateway/addresses.h"
#include "sdk/http/syntax.h"

namespace turnpike::proxy {
namespace {

constexpr std::string_view kScheme = "https://", kUnix = "unix:", kPort = ":443", kUnverified = "insecure-none";

[[noreturn]] void refuse(const std::string& entry, const std::string& why) {
    throw Refused("targets", "\"" + entry + "\": " + why);
}

void checkName(const std::string& name) {
    const std::string what = "\"name\": \"" + name + "\" ";
    if (gateway::isNumericHost(name) || name.find(':') != std::string::npos)
        throw Refused("tls", what +
                                 "is an address, by which no server can be asked for (RFC 6066 section 3): "
                                 "leave it out, and certificates must be for the target's own address");
    if (!gateway::isHostName(name)) throw Refused("tls", what + "is no name of a machine");
}

std::string* placeOf(TlsKeys& keys, std::string_view part) {
    if (part == "trust") return &keys.trust;
    if (part == "certificate") return &keys.certificate;
    if (part == "key") return &keys.key;
    return part == "name" ? &keys.name : nullptr;
}

void takePart(TlsKeys& to, const std::string& part, const std::string& value) {
    if (part == "verify") {
        if (value != kUnverified)
            throw Refused("tls", "\"verify\" is left out where certificates are to be checked; \"" +
                                     std::string(kUnverified) + "\" believes whoever answers");
        to.is_unverified = true;
        return;
    }
    std::string* const place = placeOf(to, part);
    if (place == nullptr)
        throw Refused("tls", "there is no \"" + part +
                                 "\": it has \"trust\", \"name\", \"certificate\", \"key\" and \"verify\"");
    if (value.empty()) throw Refused("tls", "\"" + part + "\" is empty");
    *place = value;
}

/// Where an "https://" entry leads, with the scheme's own port where none stands there.
std::string placeOf(const std::string& entry) {
    std::string rest = entry.substr(kScheme.size());
    if (rest.starts_with(kUnix))
        refuse(entry, "TLS leads to an address or a name; what stays on this machine needs none");
    if (rest.find_first_of("/?#@") != std::string::npos)
        refuse(entry, "a target is a name or an address with its port, without a path or a user");
    const bool has_port = rest.rfind(':') != std::string::npos && !rest.ends_with(']');
    return has_port ? rest : rest.append(kPort);
}

std::vector<TargetSpec> readSecure(const tp_host& host, const std::string& entry, const TlsKeys& tls) {
    const std::string place = placeOf(entry), machine = place.substr(0, place.rfind(':'));
    std::string name = tls.name.empty() ? machine : tls.name;
    if (name.starts_with('[')) name = name.substr(1, name.size() - 2);
    for (char& c : name) c = http::toLower(c);
    const std::string& authority = place.ends_with(kPort) ? machine : place;
    std::vector<TargetSpec> targets;
    for (const std::string& address : gateway::lookUp(host, "targets", place))
        targets.push_back({address, std::string(kScheme) + address, authority, name});
    return targets;
}

}  // namespace

TlsKeys readTls(const gateway::KeyReader& read) {
    TlsKeys keys;
    for (const auto& [part, value] : read.map("tls")) takePart(keys, part, value);
    if (!keys.name.empty()) checkName(keys.name);
    return keys;
}

std::vector<TargetSpec> readTarget(const tp_host& host, const std::string& entry, const TlsKeys& tls) {
    if (entry.starts_with(kScheme)) return readSecure(host, entry, tls);
    if (entry.starts_with(kUnix)) {
        const bool is_absolute = entry.starts_with("unix:/") && entry.size() > 6;
        if (!is_absolute) refuse(entry, "the socket's path must be absolute");
        return {{entry, entry, "localhost", {}}};
    }
    std::vector<TargetSpec> targets;
    for (const std::string& address : gateway::lookUp(host, "targets", entry))
        targets.push_back({address, address, address, {}});
    return targets;
}

}  // namespace turnpike::proxy
